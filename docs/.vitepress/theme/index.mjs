// VitePress's own theme with the reader's fonts: nothing more is loaded than what is read.
import DefaultTheme from "vitepress/theme-without-fonts";
import "./site.css";

export default DefaultTheme;
