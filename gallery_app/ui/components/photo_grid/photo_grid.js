import { component } from "gallery-grid";
export default component;
