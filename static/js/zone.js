// Chooses the device's own time zone in a select that asks for one and still says UTC.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const select of document.querySelectorAll("select[data-guess-zone]")) {
    if (!zone || select.value !== "UTC") continue;
    if (![...select.options].some((option) => option.value === zone)) select.append(new Option(zone, zone)); // an old name
    select.value = zone;
  }
})();
