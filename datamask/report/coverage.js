for (const section of document.querySelectorAll("section")) {
  const rows = [...section.querySelectorAll(".columns tbody tr")];
  const cards = [...section.querySelectorAll(".card")];
  const input = section.querySelector("input");
  const output = section.querySelector("output");
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = cards.filter((card) => card.ariaPressed === "true").map((card) => card.dataset.state);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden =
        (wanted.length > 0 && !wanted.includes(row.dataset.state)) || !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    output.textContent = shown < rows.length ? `${shown} of ${rows.length} columns` : "";
  };
  input.addEventListener("input", show);
  for (const card of cards) {
    card.addEventListener("click", () => {
      card.ariaPressed = card.ariaPressed === "true" ? "false" : "true";
      show();
    });
  }
  // A browser may have kept what was typed before the page was loaded again.
  show();
}
for (const details of document.querySelectorAll("details")) {
  addEventListener("beforeprint", () => { details.open = true; });
}
