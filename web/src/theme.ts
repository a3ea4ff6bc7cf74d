// Runs before the page is drawn, so that a chosen colour scheme does not flash.
try {
  const theme = localStorage.getItem("probity-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
} catch {
  // Storage may be closed to us; then the system's scheme is used.
}
