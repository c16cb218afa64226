"""The connected remotes: adding, testing, changing, pausing, removing; one open connector each.

Keys come in here, are sealed at once and are handed to connectors alone: no answer, log, job or
error of this module holds one. What a sync does is told in `sync.py`, how bytes come in
`fetching.py`; both ask this book for connectors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors.base import Connector, HasHints, Kind, Tools
from gallery_app.domain.errors import BadInput, Conflict, GalleryError, NotFound
from gallery_app.domain.model import Job, Source, SourceId
from gallery_app.domain.remote import Finding, Findings, RemoteConfig
from gallery_app.services.cards import plain_kind, view_of
from gallery_app.services.facts import ASKS_BELIEF, STOPPED, WALK_BEGAN
from gallery_app.services.forms import Options, changed, checked, kept_apart, key_of, name_of
from gallery_app.services.lines import Lines
from gallery_app.services.reach import keys_of_jobs, why_paused
from gallery_app.services.sync_requests import SyncRequests
from gallery_app.services.values import FetchRest, RemoteKind, RemoteView
from gallery_app.storage.vault import Vault

_PAST = (STOPPED, WALK_BEGAN)  # facts of how a source was reached before


class RemoteBook:
    """Knows every connected remote; safe from any thread.

    Whatever names a source by its number raises NotFound when there is no such remote source.
    """

    def __init__(
        self,
        catalog: Catalog,
        vault: Vault,
        kinds: Mapping[str, Kind],
        *,
        tools: Tools,
        base_url: Callable[[], str],
        hook_token: Callable[[int], str],
    ) -> None:
        """Prepare.

        Args:
            catalog: sources and their rows.
            vault: seals keys.
            kinds: what can be connected, by name.
            tools: handed to every connector.
            base_url: what addresses of this gallery begin with, for hooks.
            hook_token: the token that calls of a source's hook bear.
        """
        self._catalog = catalog
        self._kinds = kinds
        self._tools = tools
        self._base_url = base_url
        self._hook_token = hook_token
        self._lines = Lines(catalog, vault, kinds, tools)
        self.requests = SyncRequests(catalog)
        self._tried: dict[int, Connector] = {}  # by tests that run now, of what is not saved
        # The background hears of every change; nobody listens in a program that only reads.
        self.changed: Callable[[], None] = lambda: None
        # Told of sources whose failures are forgiven.
        self.hastened: Callable[[SourceId], None] = lambda _source_id: None
        self.resting: Callable[[SourceId], FetchRest | None] = lambda _source_id: None

    # --- what there is ---------------------------------------------------------------------

    def kinds(self) -> list[RemoteKind]:
        """What can be connected, in the order to offer it."""
        return [plain_kind(kind) for kind in self._kinds.values()]

    def kind_of(self, source: Source) -> Kind:
        """The kind of a remote source.

        Raises:
            NotFound: it is no remote, or of a kind this program does not know.
        """
        kind = self._kinds.get(source.kind)
        if kind is None:
            raise NotFound("source")
        return kind

    def list(self) -> list[Source]:
        """All remote sources that are not removed, oldest first."""
        return [source for source in self._catalog.sources.list() if source.kind in self._kinds]

    def get(self, number: int, *, counted: bool = False) -> Source:
        """One remote source; unless `counted` its pictures are 0: counting looks at all there are.

        Raises:
            NotFound: no remote source has this number, or it was removed.
        """
        return self._lines.source(SourceId(number), counted=counted)

    def view(self, number: int) -> RemoteView:
        """A source with all that its card shows; asks nothing of the remote."""
        source = self.get(number, counted=True)
        kind = self.kind_of(source)
        state = self._catalog.remotes.config(source.id)
        secrets = self._lines.secrets(source)
        connector = None
        with suppress(GalleryError):  # a key that cannot be read: the source's state says so
            connector = self.connector(source.id)
        hook = self._hook_token(source.id) if isinstance(connector, HasHints) else None
        return view_of(
            source,
            kind,
            state,
            connector,
            secrets=secrets,
            hook_url=None if hook is None else f"{self._base_url()}/hooks/{kind.kind}/{source.id}",
            hook_token=hook,
            job=self.requests.waiting(source.id),
            resting=self.resting(source.id),
        )

    # --- connecting ------------------------------------------------------------------------

    def test(self, kind: str, address: str, key: str, options: Mapping[str, str]) -> Findings:
        """What works and what is missing, before anything is saved; raises BadInput as `add`."""
        config = self._config_of(kind, address, key, options)
        return self._try(self._kinds[kind], config)

    def test_changed(self, number: int, key: str, options: Mapping[str, str]) -> Findings:
        """The same of what `change` would make of a source; nothing is saved."""
        source = self.get(number)
        return self._try(self.kind_of(source), self._changed(source, key, options))

    def _try(self, kind: Kind, config: RemoteConfig) -> Findings:
        try:
            connector = kind.open(config, self._tools)
        except GalleryError as error:
            return _broken(error)
        self._tried[id(connector)] = connector
        try:
            return connector.check()
        except GalleryError as error:
            return _broken(error)
        finally:
            self._tried.pop(id(connector))
            connector.close()

    def test_saved(self, number: int) -> Findings:
        """The same for a source as it is connected; the facts are kept for its card."""
        source = self.get(number)
        try:
            findings = self.connector(source.id).check()
        except GalleryError as error:
            findings = _broken(error)
        if findings.facts:
            self.requests.note_facts(source.id, findings.facts)
        return findings

    def add(
        self, kind: str, name: str, address: str, key: str, options: Mapping[str, str]
    ) -> Source:
        """Connect a remote; its first sync begins at once. One that was removed comes back.

        Args:
            kind: a name of `kinds()`.
            name: as people call it; empty: the kind's title.
            address: as typed; it is put into the kind's form.
            key: empty where the kind needs none.
            options: by field name; what is left out has its default.

        Raises:
            BadInput: the form is not filled in as it must be.
            Conflict: it is connected already.
        """
        config = self._config_of(kind, address, key, options)
        for source in self.list():
            if (source.kind, source.address) == (kind, config.address):
                raise Conflict(f"This is connected already, as {source.name}.")
        title = name_of(name) or self._kinds[kind].title
        self._lines.require_usable(self._kinds[kind], config)
        plain, secrets = kept_apart(self._kinds[kind], config)

        def settle(source: Source) -> None:
            """Written with the source: it is never there without its key."""
            sealed = self._lines.seal(source, secrets)
            self._catalog.remotes.configure(
                source.id, options=plain, sealed=sealed, paused=False, anew=True, forget=_PAST
            )

        source = self._catalog.sources.add(kind, title, config.address, settle=settle)
        self._begin_anew(source.id)
        return self._reread(source.id)

    def ensure(
        self, kind: str, name: str, address: str, key: str, options: Mapping[str, str]
    ) -> Source:
        """Connect a remote that the settings name, or give the connected one what they say.

        Raises:
            BadInput: what the settings say cannot be used.
        """
        wanted = self._config_of(kind, address, key, options)
        for source in self.list():
            if (source.kind, source.address) == (kind, wanted.address):
                secrets = self._lines.secrets(source)
                known = {**self._catalog.remotes.config(source.id).options, **secrets}
                other = {n: v for n, v in wanted.options.items() if known.get(n) != v}
                changed = wanted.secret not in {"", secrets.get("key")}
                if changed or other:
                    return self.change(source.id, key=wanted.secret, options=other)
                return source
        return self.add(kind, name, address, key, options)

    def change(
        self,
        number: int,
        *,
        name: str | None = None,
        key: str | None = None,
        options: Mapping[str, str] | None = None,
        paused: bool | None = None,
    ) -> Source:
        """Change what is given; a new key or other options take effect at once.

        Args:
            number: of the source.
            name: as people call it.
            key: the new key in place of the saved one; None or empty: it stays.
            options: those to change, by field name; an empty secret one stays as it is.
            paused: whether to leave the remote alone.

        Raises:
            NotFound: no such remote source.
            BadInput: an option there is not, a value it cannot have, or too long a name.
        """
        source = self.get(number)
        kind = self.kind_of(source)
        key = key_of(key or "")
        title = source.name if name is None else name_of(name) or kind.title
        if key or options:
            self._rekey(source, kind, key, options or {})
        if title != source.name:
            self._catalog.remotes.configure(source.id, name=title)
        if paused is not None and paused != source.paused:
            self._catalog.remotes.configure(source.id, paused=paused)
            if paused:
                self._lines.hang_up(source.id)  # what is under way ends, and is done later
                self._catalog.sources.set_state(source.id, "online")
        if (key or options or paused is False) and not self.get(number).paused:
            self._begin_anew(source.id)
        self.changed()
        return self._reread(source.id)

    def _rekey(self, source: Source, kind: Kind, key: str, options: Mapping[str, str]) -> None:
        config = self._changed(source, key, options)
        self._lines.require_usable(kind, config)
        plain, secrets = kept_apart(kind, config)
        sealed = self._lines.seal(source, secrets)
        # Other options mean other pictures.
        anew = plain != self._catalog.remotes.config(source.id).options
        with self._catalog.write():
            self._catalog.remotes.configure(
                source.id,
                options=plain,
                sealed=sealed,
                anew=anew,
                forget=_PAST if anew else (STOPPED,),
            )
            self._lines.hang_up(source.id)  # a sync under way does not put its cursor back
        self._lines.hang_up(source.id)  # nor is one kept that was opened meanwhile, as it was
        if key:
            # What was refused for want of a permission deserves another try.
            self._catalog.remotes.retry_refused(source.id)

    def _changed(self, source: Source, key: str, options: Mapping[str, str]) -> RemoteConfig:
        saved = {**self._catalog.remotes.config(source.id).options, **self._lines.secrets(source)}
        return changed(self.kind_of(source), source.address, saved, key, options)

    def _begin_anew(self, source_id: SourceId) -> None:
        """Nothing of earlier failures counts any more; the next sync is now."""
        self._lines.hang_up(source_id)
        self._catalog.sources.set_state(source_id, "online")
        source = self._reread(source_id)
        self.requests.now(source)
        for keys in keys_of_jobs(source):
            self._catalog.jobs.hasten(keys)
        self._hasten(source_id)

    def _hasten(self, source_id: SourceId) -> None:
        self._catalog.remotes.retry_postponed(source_id)
        self.hastened(source_id)
        self.changed()

    def remove(self, number: int, *, keep: bool) -> None:
        """Leave the remote; `keep` the pictures copied from it, or move them to the trash.

        What a folder or another source offers too stays in any case, and so does what was said
        of every picture. The sealed key is kept, so that `restore` undoes it all.

        Raises:
            NotFound: no such remote source.
        """
        source = self.get(number)
        # Once nobody can open it again, and before its pictures follow, which may take a while.
        hang_up = partial(self._lines.hang_up, source.id)
        self._catalog.sources.remove(source.id, self._tools.now(), keep=keep, then=hang_up)
        self.changed()

    def restore(self, number: int) -> Source:
        """Undo `remove`.

        Raises:
            NotFound: there never was such a remote source.
        """
        source = self._catalog.sources.get(SourceId(number))
        if source is None or source.kind not in self._kinds:
            raise NotFound("source")
        if source.removed_at is not None:
            self._catalog.sources.restore(source.id)
            self._begin_anew(source.id)
        return self._reread(source.id)

    # --- syncing ---------------------------------------------------------------------------

    def sync_now(self, number: int, *, walk: bool = False, believe_loss: bool = False) -> Job:
        """Ask for a sync now, whatever went wrong before; one that waits already serves for both.

        Args:
            number: of the source.
            walk: look at everything, not only at what is told to be new.
            believe_loss: a person confirms that as many as were asked about are really gone.

        Raises:
            NotFound: no such remote source.
            Paused: it is.
        """
        source = self.get(number)
        if source.paused:
            raise why_paused(source)
        walk = walk or ASKS_BELIEF in source.facts  # is it still missing?
        job = self.requests.now(source, walk=walk, believe_loss=believe_loss)
        self._hasten(source.id)
        return job

    def hint(self, number: int, parent: str) -> Job:
        """Ask for a look at one parent ("ticket/4711") only."""
        job = self.requests.hint(self.get(number), parent)
        self.changed()
        return job

    def retry(self, number: int) -> int:
        """Give every picture that could not be fetched another try; how many there are."""
        source = self.get(number)
        count = self._catalog.remotes.retry_refused(source.id)
        self._hasten(source.id)
        return count

    # --- connectors ------------------------------------------------------------------------

    def connector(self, source_id: SourceId) -> Connector:
        """The open connector of a source: the same one until it is changed or paused.

        Raises:
            NotFound: no such remote source, or it was removed.
            UpstreamRefused: its key cannot be read any more.
            NotReady: the program ends.
        """
        return self._lines.connector(source_id)

    def is_current(self, source_id: SourceId, connector: Connector) -> bool:
        """Whether that is still how the source is reached."""
        return self._lines.is_current(source_id, connector)

    def close(self) -> None:
        """Close every connector; what is under way ends with an error."""
        self._lines.close()
        for connector in list(self._tried.values()):
            connector.close()

    def _config_of(
        self, kind: str, address: str, key: str, options: Mapping[str, str]
    ) -> RemoteConfig:
        known = self._kinds.get(kind)
        if known is None:
            raise BadInput(f"There is no kind of source called “{kind[:40]}”.")
        place, key = known.address_of(address), key_of(key)
        return RemoteConfig(place, key, Options(checked(known, place, key, options)))

    def _reread(self, source_id: SourceId) -> Source:
        source = self._catalog.sources.get(source_id)
        if source is None:
            raise NotFound("source")
        return source


def _broken(error: GalleryError) -> Findings:
    return Findings((Finding("Connection", ok=False, detail=error.public),))
