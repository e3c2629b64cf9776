// German: what the page `display` says.

export default {
  "display.title": "Bestellungen",
  "display.preparing": "In Arbeit",
  "display.ready": "Abholbereit",
  "display.none_preparing": "Gerade ist nichts in Arbeit.",
  "display.none_ready": "Nichts wartet auf Abholung.",
  "display.more": { one: "+{count} weitere", other: "+{count} weitere" },
  "display.lost": "Verbinde neu … Stand {time}",
  "display.said": { one: "Bestellung {numbers} ist abholbereit.", other: "Bestellungen {numbers} sind abholbereit." },
};
