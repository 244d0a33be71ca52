/* The explorer in the page: the same arithmetic as src/exportedlabour/sensitivity/explorer.py, on the draws of explorer/draws.js.
   A plain script without modules, so that a page opened from a folder runs it too. */
(() => {
  "use strict";

  // --- importance weights: Pareto smoothing as ArviZ does it (Vehtari et al. 2024), fit of Zhang and Stephens (2009) ---

  const logSumExp = (values) => {
    const highest = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return highest + Math.log(values.reduce((sum, x) => sum + Math.exp(x - highest), 0));
  };

  /* Shape and scale of a generalised Pareto distribution, of values sorted upwards. */
  function paretoFit(tail) {
    const n = tail.length;
    const m = 30 + Math.floor(Math.sqrt(n));
    const quartile = tail[Math.floor(n / 4 + 0.5) - 1];
    const meanLog = (b) => tail.reduce((sum, x) => sum + Math.log1p(-b * x), 0) / n;
    const b = Array.from({ length: m }, (_, i) => (1 - Math.sqrt(m / (i + 0.5))) / (3 * quartile) + 1 / tail[n - 1]);
    const profile = b.map((x) => {
      const k = meanLog(x);
      return n * (Math.log(-(x / k)) - k - 1);
    });
    const weights = profile.map((one) => 1 / profile.reduce((sum, other) => sum + Math.exp(other - one), 0));
    const kept = weights.map((w) => (w >= 10 * Number.EPSILON ? w : 0));
    const total = kept.reduce((sum, w) => sum + w, 0);
    const best = kept.reduce((sum, w, i) => sum + (w ? (w / total) * b[i] : 0), 0);
    const k = meanLog(best);
    return { k: (n * k + 5) / (n + 10), sigma: -k / best };
  }

  /* Normalised weights and Pareto k of importance ratios given by their logs. */
  function smoothedWeights(logRatios) {
    const n = logRatios.length;
    let low = Infinity;
    let high = -Infinity;
    for (const x of logRatios) {
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
    if (high - low < 1e-12) return { weights: new Float64Array(n).fill(1 / n), k: -Infinity };
    const x = Float64Array.from(logRatios, (value) => value - high);
    const order = Uint32Array.from(x.keys()).sort((i, j) => x[i] - x[j]);
    const size = Math.ceil(Math.min(0.2 * n, 3 * Math.sqrt(n)));
    const cutoff = Math.max(x[order[n - size - 1]], Math.log(2.2250738585072014e-308));
    const tail = Array.from(order.slice(n - size - 1)).filter((i) => x[i] > cutoff);
    let k = Infinity;
    if (tail.length > 4) {
      const least = Math.exp(cutoff);
      const fit = paretoFit(tail.map((i) => Math.exp(x[i]) - least));
      k = fit.k;
      if (Number.isFinite(k)) {
        tail.forEach((i, rank) => {
          const p = (rank + 0.5) / tail.length;
          const step = Math.abs(k) < Number.EPSILON ? -Math.log1p(-p) : Math.expm1(-k * Math.log1p(-p)) / k;
          x[i] = Math.min(Math.log(step * fit.sigma + least), 0);
        });
      }
    }
    const total = logSumExp(x);
    return { weights: x.map((value) => Math.exp(value - total)), k };
  }

  /* Quantiles of draws with weights, without interpolation between draws. */
  function weightedQuantiles(draws, weights, probabilities) {
    const order = Uint32Array.from(draws.keys()).sort((i, j) => draws[i] - draws[j]);
    const cumulative = new Float64Array(draws.length);
    let sum = 0;
    order.forEach((i, rank) => (cumulative[rank] = sum += weights[i]));
    return probabilities.map((p) => {
      let low = 0;
      let high = order.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (cumulative[middle] / sum >= p) high = middle;
        else low = middle + 1;
      }
      return draws[order[low]];
    });
  }

  // --- the draws -----------------------------------------------------------------------------------------------

  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const floats = (text) => new Float32Array(bytes(text).buffer);

  /* Draws by unit and year: [unit][year] of Float64Array. */
  function restored(data, name, transform) {
    const one = data.arrays[name];
    if (!one) return null;
    const raw = bytes(one.text);
    const steps = one.bits === 16 ? new Uint16Array(raw.buffer) : raw;
    const top = 2 ** one.bits - 1;
    return data.units.map((_, u) =>
      data.years.map((_, t) => {
        const series = u * data.years.length + t;
        const values = new Float64Array(data.draws);
        for (let d = 0; d < data.draws; d++) {
          values[d] = transform(one.low[series] + (one.width[series] * steps[series * data.draws + d]) / top);
        }
        return values;
      }),
    );
  }

  const sigmoid = (x) => 1 / (1 + Math.exp(-x));

  function read(data) {
    const likelihood = floats(data.logLikelihood);
    return {
      data,
      stock: restored(data, "stock", Math.exp),
      gross: restored(data, "gross", Math.exp),
      withheld: restored(data, "withheld", sigmoid),
      part: restored(data, "part", sigmoid),
      logLikelihood: data.classes.map((_, c) => likelihood.subarray(c * data.draws, (c + 1) * data.draws)),
      imputation: bytes(data.imputation),
      register: data.register ? floats(data.register) : null,
    };
  }

  // --- the state, in the address ---------------------------------------------------------------------------------

  const short = (value) => String(Number(value.toPrecision(6)));

  function readState(fragment, data) {
    const given = new URLSearchParams(fragment.replace(/^#/, ""));
    const year = (key, otherwise) =>
      /^\d+$/.test(given.get(key) ?? "") ? Math.min(Math.max(Number(given.get(key)), data.years[0]), data.years.at(-1)) : otherwise;
    const known = (key, allowed, otherwise) => (Object.hasOwn(allowed, given.get(key) ?? "") ? given.get(key) : otherwise);
    const start = year("from", data.peak);
    const levers = {};
    for (const lever of data.levers) {
      const text = (given.get(lever.key) ?? "").trim();
      const value = text === "" ? NaN : Number(text);
      if (Number.isNaN(value)) continue;
      const inside = Math.min(Math.max(value, lever.low), lever.high);
      if (inside !== lever.neutral) levers[lever.key] = inside;
    }
    return {
      group: known("group", data.groups, Object.keys(data.groups)[0]),
      quantity: known("quantity", data.quantities, "state" in data.quantities ? "state" : "workers"),
      start,
      end: Math.max(year("to", start), start),
      prices: known("prices", data.prices, "current"),
      levers,
    };
  }

  function fragment(state, data) {
    const pairs = new URLSearchParams({ group: state.group, quantity: state.quantity, from: state.start, to: state.end, prices: state.prices });
    for (const lever of data.levers) if (lever.key in state.levers) pairs.set(lever.key, short(state.levers[lever.key]));
    return pairs.toString();
  }

  // --- the answer -----------------------------------------------------------------------------------------------

  const shifted = (share, odds) => (share * odds) / (1 - share + share * odds);

  function totals(model, state) {
    const { data } = model;
    const lever = (key, neutral) => state.levers[key] ?? neutral;
    const [stock, earned] = [lever("stock", 1), lever("pay", 1) * lever("months", 1)];
    const [kept, part] = [Math.exp(lever("withheld", 0)), Math.exp(lever("part", 0))];
    return data.years.map((_, t) => {
      const sum = new Float64Array(data.draws);
      const scale = state.quantity !== "workers" && state.prices === "current" ? data.toCurrent[t] : 1;
      for (const u of data.groups[state.group].units) {
        const persons = model.stock[u][t];
        const many = u === data.lead ? stock : 1;
        for (let d = 0; d < sum.length; d++) {
          let value = persons[d] * many;
          if (state.quantity !== "workers") {
            value *= model.gross[u][t][d] * earned;
            if (state.quantity === "net") value *= 1 - shifted(model.withheld[u][t][d], kept);
            else if (state.quantity !== "gross") value *= shifted(model.withheld[u][t][d], kept);
            if (state.quantity === "state") value *= shifted(model.part[u][t][d], part);
          }
          sum[d] += value * scale;
        }
      }
      return sum;
    });
  }

  function drawWeights(model, state) {
    const { data } = model;
    const ratios = new Float64Array(data.draws);
    data.classes.forEach((name, c) => {
      const weight = state.levers[`w.${name}`];
      if (weight !== undefined) ratios.forEach((_, d) => (ratios[d] += (weight - 1) * model.logLikelihood[c][d]));
    });
    const shift = state.levers.register ?? 0;
    const [mean, sd] = data.registerPrior;
    if (shift) ratios.forEach((_, d) => (ratios[d] += (shift * (model.register[d] - mean)) / sd ** 2));
    // Each imputation of copies keeps its share of the weight.
    for (const number of new Set(model.imputation)) {
      const rows = [...model.imputation.keys()].filter((d) => model.imputation[d] === number);
      const mass = logSumExp(rows.map((d) => ratios[d])) - Math.log(rows.length);
      for (const d of rows) ratios[d] -= mass;
    }
    return smoothedWeights(ratios);
  }

  const NAMES = ["median", "lo95", "hi95", "lo80", "hi80", "lo50", "hi50"]; // in the order of data.probabilities

  function answer(model, state) {
    const { data } = model;
    const { weights, k } = drawWeights(model, state);
    const byYear = totals(model, state);
    const chosen = byYear.filter((_, t) => data.years[t] >= state.start && data.years[t] <= state.end);
    const share = state.quantity === "workers" ? chosen.length : 1;
    const together = Float64Array.from({ length: data.draws }, (_, d) => chosen.reduce((sum, year) => sum + year[d], 0) / share);
    const named = (draws) => {
      const found = weightedQuantiles(draws, weights, data.probabilities);
      return Object.fromEntries(NAMES.map((name, i) => [name, found[i]]));
    };
    return {
      fan: byYear.map((draws, t) => ({ year: data.years[t], ...named(draws) })),
      row: named(together),
      k,
      effective: 1 / weights.reduce((sum, w) => sum + w * w, 0),
      trusted: k <= data.goodK,
    };
  }

  const baselineOf = (state) => ({ ...state, levers: {} });

  // --- words, as words.py writes them --------------------------------------------------------------------------

  const grouped = (value, digits = 0) =>
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const rounded = (value) => (Number.isFinite(value) && value ? Number(value.toPrecision(2)) : 0);
  const people = (value) => grouped(value >= 100 ? rounded(value) : Math.round(value));

  function dollars(exact) {
    const value = rounded(exact);
    if (value >= 1e9) return `${grouped(value / 1e9, 1)} billion dollars`;
    if (value >= 1e6) return `${grouped(value / 1e6, value >= 1e7 ? 0 : 1)} million dollars`;
    return `${grouped(value)} dollars`;
  }

  function span(low, high, write) {
    const [first, second] = [write(low), write(high)];
    const gap = first.indexOf(" ");
    const unit = gap < 0 ? "" : first.slice(gap);
    return unit && second.endsWith(unit) ? `${first.slice(0, gap)} to ${second}` : `${first} to ${second}`;
  }

  const written = (row, write) => `${write(row.median)} (80 % interval ${span(row.lo80, row.hi80, write)})`;

  function sentence(data, state, found, baseline) {
    const heads = state.quantity === "workers";
    const single = state.start === state.end;
    const when = single ? state.start : `${state.start} to ${state.end}, ${heads ? "a year on average" : "together"}`;
    const prices = single && state.prices === "current" ? `dollars of ${state.start}` : data.prices[state.prices];
    const write = heads ? people : dollars;
    const asked = `${data.quantities[state.quantity].phrase} ${data.groups[state.group].name}, ${when}${heads ? "" : `, in ${prices}`}`;
    return `${asked}: ${written(found.row, write)}. Baseline: ${written(baseline.row, write)}.`;
  }

  const NOTHING_LEFT = "# No class of evidence is left, so there is nothing to fit.";

  function refit(data, state) {
    const lines = [];
    const weight = (name) => state.levers[`w.${name}`] ?? 1;
    const shift = state.levers.register ?? 0;
    if (shift) lines.push(`bias_register_banned: [${(data.registerPrior[0] + shift).toFixed(3)}, ${short(data.registerPrior[1])}]`);
    const kept = data.classes.filter((name) => weight(name) > 0);
    if (!kept.length) return `${NOTHING_LEFT}\n`;
    if (kept.length < data.classes.length) lines.push(`include_classes: [${kept.join(", ")}]`);
    for (const name of kept.filter((one) => weight(one) < 1)) {
      for (const [error, value] of Object.entries(data.errors[name] ?? {})) {
        const wider = (value / Math.sqrt(weight(name))).toFixed(3);
        lines.push(`${error}: ${wider}  # ${short(value)}, for a weight of ${short(weight(name))}`);
      }
    }
    if (!lines.length) return "";
    return [`title: ${data.title}`, "description: The evidence weighed as chosen in the explorer.", ...lines, ""].join("\n");
  }

  /* The fan and the baseline's as CSV, in persons or dollars; every row says of what it is and under which assumptions. */
  function csv(data, state, found, before) {
    const heads = state.quantity === "workers";
    const fixed = [data.groups[state.group].name, state.quantity, heads ? "persons" : `${data.prices[state.prices]} a year`];
    const cell = (value) => (/[",\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value);
    const number = (value) => Number(value.toPrecision(4));
    const end = [found.trusted ? "yes" : "no, refit", fragment(state, data)];
    const rows = found.fan.map((row, i) => [
      ...fixed, row.year, ...NAMES.map((name) => number(row[name])), ...NAMES.map((name) => number(before.fan[i][name])), ...end,
    ]);
    const head = ["hosts", "quantity", "unit", "year", ...NAMES, ...NAMES.map((name) => `baseline_${name}`), "to_be_quoted", "assumptions"];
    return [head, ...rows].map((line) => `${line.map(cell).join(",")}\n`).join("");
  }

  // --- the page -------------------------------------------------------------------------------------------------

  function start(root, data) {
    const model = read(data);
    const by = (id) => document.getElementById(`ex-${id}`);
    let state = readState(location.hash, data);
    let baseline = { key: "", found: null };
    let view = null;
    let shown = null; // the answer that the page shows
    let repaint = true; // the chart has the colours of the theme

    const percent = (share) => `${(100 * share).toFixed(0)} %`;

    /* What a slider says: the factor, the weight, or a share before and after. */
    function said(lever, value) {
      if (lever.kind === "factor") return `× ${value.toFixed(2)}`;
      if (lever.kind === "weight") return value.toFixed(2);
      const before = lever.kind === "log" ? Math.exp(data.registerPrior[0]) : usualShare(lever.key);
      const after = lever.kind === "log" ? before * Math.exp(value) : shifted(before, Math.exp(value));
      return value === lever.neutral ? percent(before) : `${percent(before)} → ${percent(after)}`;
    }

    const shares = new Map();
    function usualShare(key) {
      const name = `${key} ${state.group} ${state.start}`;
      if (!shares.has(name)) {
        const t = data.years.indexOf(state.start);
        const of = (quantity) => totals(model, { ...baselineOf(state), quantity, prices: "constant" })[t];
        const [above, below] = key === "withheld" ? [of("withheld"), of("gross")] : [of("state"), of("withheld")];
        shares.set(name, weightedQuantiles(above.map((x, d) => x / below[d]), above.map(() => 1), [0.5])[0]);
      }
      return shares.get(name);
    }

    function show() {
      for (const [id, value] of [["group", state.group], ["quantity", state.quantity], ["from", state.start], ["to", state.end], ["prices", state.prices]]) {
        if (by(id)) by(id).value = String(value);
      }
      for (const lever of data.levers) {
        const value = state.levers[lever.key] ?? lever.neutral;
        const [input, output] = [by(lever.key), by(`${lever.key}-said`)];
        if (Number(input.value) !== value) input.value = value;
        output.textContent = said(lever, value);
        input.setAttribute("aria-valuetext", output.textContent);
        input.closest("p").classList.toggle("moved", value !== lever.neutral);
      }
    }

    function takeFromForm() {
      const levers = {};
      for (const lever of data.levers) {
        const value = Number(Number(by(lever.key).value).toFixed(6));
        if (value !== lever.neutral) levers[lever.key] = value;
      }
      const from = Number(by("from").value);
      state = {
        group: by("group").value, quantity: by("quantity").value, start: from, end: Math.max(Number(by("to").value), from),
        prices: by("prices")?.value ?? "current", levers,
      };
    }

    async function update() {
      const began = performance.now();
      const key = JSON.stringify(baselineOf(state));
      if (baseline.key !== key) baseline = { key, found: answer(model, baselineOf(state)) };
      const found = Object.keys(state.levers).length ? answer(model, state) : baseline.found;
      show();
      const words = sentence(data, state, found, baseline.found);
      const scenario = refit(data, state);
      root.dataset.headline = words;
      root.dataset.k = found.k;
      by("headline").textContent = found.trusted ? words : `Not to be quoted, see below. ${words}`;
      root.classList.toggle("untrusted", !found.trusted);
      by("quality").textContent = !scenario
        ? "Nothing here needs a refit: each draw is multiplied."
        : found.trusted
          ? `The draws were reweighted: ${grouped(found.effective)} of ${grouped(data.draws)} remain in effect, Pareto k ${found.k.toFixed(2)}.`
          : `This is too far from the baseline for reweighting to be trusted: Pareto k ${found.k.toFixed(2)}, where ${data.goodK.toFixed(2)} is ` +
            `the limit, and ${grouped(found.effective)} of ${grouped(data.draws)} draws remain in effect. Only a refit can answer.`;
      by("refit").hidden = found.trusted;
      by("yaml").textContent = scenario;
      shown = found;
      table(found.fan, baseline.found.fan);
      await draw(found.fan, baseline.found.fan);
      root.dataset.milliseconds = performance.now() - began;
      root.dataset.updates = Number(root.dataset.updates ?? 0) + 1;
    }

    const scale = () => (state.quantity === "workers" ? 1 : 1e-6);

    function table(fan, before) {
      const write = (x) => grouped(rounded(x * scale()));
      const head = ["year", "median", "80 % interval", "95 % interval", "baseline", "80 % interval"];
      const rows = fan.map((row, i) => [
        row.year, write(row.median), `${write(row.lo80)} – ${write(row.hi80)}`, `${write(row.lo95)} – ${write(row.hi95)}`,
        write(before[i].median), `${write(before[i].lo80)} – ${write(before[i].hi80)}`,
      ]);
      const line = (cells, tag) => {
        const made = document.createElement("tr");
        for (const cell of cells) {
          const one = made.appendChild(document.createElement(tag));
          one.textContent = cell;
          if (tag === "th") one.scope = "col";
          else one.className = "number";
        }
        return made;
      };
      const prices = data.prices[state.prices];
      const unit = state.quantity === "workers" ? "Persons." : `Million dollars a year, in ${prices}.`;
      by("unit").textContent = unit;
      by("table").replaceChildren(line(head, "th"), ...rows.map((cells) => line(cells, "td")));
    }

    const coloured = () => {
      const of = (name, otherwise) => getComputedStyle(document.documentElement).getPropertyValue(name).trim() || otherwise;
      const [ink, line] = [of("--pst-color-text-base", "#222"), of("--pst-color-border", "#ccc")];
      const axis = { labelColor: ink, domainColor: line, tickColor: line, gridColor: line, labelFontSize: 12, gridOpacity: 0.5 };
      return { background: "transparent", view: { stroke: null }, axis, text: { color: ink } };
    };

    async function draw(fan, before) {
      const scaled = (rows) => rows.map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, k === "year" ? v : v * scale()])));
      const ends = scaled(fan).at(-1);
      const rows = {
        fan: scaled(fan),
        baseline: scaled(before),
        chosen: [{ start: state.start - 0.5, end: state.end + 0.5 }],
        labels: [50, 80, 95].map((level) => ({ year: ends.year, value: ends[`hi${level}`], text: `${level} %`, colour: "#0072B2" })),
      };
      if (repaint) {
        repaint = false;
        view?.finalize();
        const made = await window.vegaEmbed(by("chart"), { ...data.chart, config: coloured() }, { renderer: "svg", actions: false, ast: true });
        view = made.view;
      }
      for (const [name, values] of Object.entries(rows)) view.data(name, values);
      by("chart").setAttribute("aria-label", `Fan chart by year. ${root.dataset.headline}`);
      await view.runAsync();
    }

    /* Let the reader save a text as a file; nothing leaves the machine. */
    function save(text, type, ending) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
      link.download = `exported-labour-${state.group}-${state.quantity}.${ending}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }

    by("csv").addEventListener("click", () => save(csv(data, state, shown, baseline.found), "text/csv", "csv"));
    by("svg").addEventListener("click", async () => save(await view.toSVG(), "image/svg+xml", "svg"));

    let waiting = false;
    let running = Promise.resolve();
    function soon() {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        running = running.then(update);
      });
    }

    let writing = 0;
    function remember() {
      clearTimeout(writing);
      writing = setTimeout(() => history.replaceState(null, "", `#${fragment(state, data)}`), 120);
    }

    const form = root.querySelector("form");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => {
      takeFromForm();
      soon();
      remember();
    });
    form.addEventListener("reset", (event) => {
      state = baselineOf(state);
      event.preventDefault();
      soon();
      remember();
    });
    addEventListener("hashchange", () => {
      if (!location.hash.includes("=")) return; // a heading of the page
      state = readState(location.hash, data);
      soon();
    });
    new MutationObserver(() => {
      repaint = true;
      soon();
    }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    soon();
  }

  window.explorer = { smoothedWeights, weightedQuantiles, read, readState, fragment, answer, baselineOf, sentence, refit, csv, people, dollars, span };
  const root = document.getElementById("explorer");
  if (root && window.explorerData) start(root, window.explorerData);
})();
