// The live part of the first page: places of drones, coverage that grows, alerts. Without it the page shows all but that.
"use strict";
(() => {
  const main = document.getElementById("today");
  if (!main || !window.EventSource) return;
  const panel = document.getElementById("live");
  const state = panel.querySelector(".state");
  const list = panel.querySelector("ul");
  const alerts = document.getElementById("alerts");
  const SILENT_MS = 60000;      // a drone that tells nothing for so long has landed
  const RECENT_MS = 120000;     // what was told longer ago is not happening now
  const REST_MS = 30000;        // a page that nobody sees lets go of the stream after this
  const PATIENCE_MS = 8000;     // streams end and come again by themselves
  const LEAST_REFRESH_MS = 20000;
  const drones = new Map();
  const raised = new Map();
  let stream = null, rest = 0, lost = 0, refused = 0, refreshed = Date.now(), refresh = 0, layer = null;

  const made = (name, parent, text) => {
    const it = document.createElement(name);
    if (text !== undefined) it.textContent = text;
    parent.append(it);
    return it;
  };
  const drawn = (name, parent) => {
    const it = document.createElementNS("http://www.w3.org/2000/svg", name);
    parent.append(it);
    return it;
  };
  const named = (device) => {
    const row = document.querySelector(`tr[data-device="${CSS.escape(device)}"]`);
    return row ? row.cells[0].textContent : device;
  };

  // --- the map

  const chart = () => {
    const svg = document.getElementById("map");
    if (!svg || !svg.dataset.place) return null;
    if (!layer || layer.parentNode !== svg) {
      layer = layer || document.createElementNS("http://www.w3.org/2000/svg", "g");
      svg.append(layer);
    }
    return svg;
  };
  const placed = (svg, lat, lon) => {
    const [a, b, c, d, e, f, lon0, lat0] = svg.dataset.place.split(" ").map(Number);
    return [a + b * (lon - lon0) + c * (lat - lat0), d + e * (lon - lon0) + f * (lat - lat0)];
  };
  const draw = (drone, told) => {
    const svg = chart();
    if (!svg) return;
    for (const old of svg.querySelectorAll(`circle[data-drone="${CSS.escape(told.device)}"]`)) {
      if (old !== drone.dot) old.remove();
    }
    const [x, y] = placed(svg, told.lat, told.lon);
    if (!drone.dot) {
      drone.trail = drawn("path", layer);
      drone.trail.setAttribute("fill", "none");
      drone.trail.setAttribute("stroke", "#2f8548");
      drone.trail.setAttribute("stroke-opacity", ".55");
      drone.dot = drawn("circle", layer);
      drone.dot.setAttribute("data-drone", told.device);
      drone.dot.setAttribute("r", "6");
      drone.dot.setAttribute("stroke", "#fff");
      drone.dot.setAttribute("stroke-width", "1.5");
      drawn("title", drone.dot).textContent = named(told.device);
    }
    drone.dot.setAttribute("cx", x.toFixed(1));
    drone.dot.setAttribute("cy", y.toFixed(1));
    drone.dot.setAttribute("fill", told.on ? "#c2410c" : "#1f2937");
    const follows = drone.told && drone.told.on && told.ts - drone.told.ts < 5000;
    if (told.on || follows) {
      drone.path += `${follows && drone.path ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
      if (drone.path.length > 40000) drone.path = `M${drone.path.slice(-30000).split("M").slice(1).join("M")}`;
      drone.trail.setAttribute("d", drone.path);
      drone.trail.setAttribute("stroke-width", Math.max(1.5, (told.swath_m || 0) * Number(svg.dataset.scale)).toFixed(1));
    }
  };
  const shade = (share) => {
    const t = Math.min(Math.max(share, 0), 100) / 100;
    return `rgb(${[[220, 47], [240, 133], [213, 72]].map(([low, high]) => Math.round(low + (high - low) * t)).join(",")})`;
  };
  const colour = (plots) => {
    const svg = chart();
    if (!svg) return;
    for (const plot of plots || []) {
      const shape = svg.querySelector(`path[data-plot="${CSS.escape(plot.plot)}"]`);
      // this flight's share alone: what others did before counts once the flight has closed
      if (!shape || !(plot.covered_pct > Number(shape.dataset.share || 0))) continue;
      shape.dataset.share = plot.covered_pct;
      shape.setAttribute("fill", shade(plot.covered_pct));
    }
  };

  // --- the list of what flies

  const known = (device) => {
    if (!drones.has(device)) drones.set(device, { told: null, heard: 0, path: "", line: null, figures: "" });
    return drones.get(device);
  };
  const write = (device, drone) => {
    if (!drone.line) {
      drone.line = made("li", list);
      drone.cells = ["b", "span", "span", "span"].map((name) => made(name, drone.line));
      drone.cells[0].textContent = named(device);
    }
    const told = drone.told;
    if (told) {
      drone.cells[1].textContent = told.on ? list.dataset.working : list.dataset.idle;
      drone.cells[1].className = told.on ? "told" : "";
      drone.cells[2].textContent = [
        told.speed_mps === undefined ? "" : `${told.speed_mps.toFixed(1)} m/s`,
        told.tank_l === undefined ? "" : `${told.tank_l.toFixed(1)} L`,
        told.battery_pct === undefined ? "" : `${told.battery_pct.toFixed(0)} %`,
      ].filter(Boolean).join(" · ");
    }
    drone.cells[3].textContent = drone.figures;
    count();
  };
  const landed = (drone) => {
    if (drone.line) drone.line.remove();
    Object.assign(drone, { line: null, figures: "" });
    count();
  };
  const count = () => { document.getElementById("nobody").hidden = list.children.length > 0; };

  // --- events

  const hear = {
    reset() {
      for (const drone of drones.values()) {
        for (const it of [drone.line, drone.dot, drone.trail]) if (it) it.remove();
      }
      drones.clear();
      raised.clear();
      alerts.firstElementChild.replaceChildren();
      alerts.hidden = true;
      count();
    },
    ready(told) { tell(told.source === "store" ? "store" : "on"); },
    position(told) {
      const drone = known(told.device);
      if (drone.told && told.ts <= drone.told.ts) return;
      draw(drone, told);
      drone.told = told;
      if (Date.now() - told.ts > RECENT_MS) return;
      drone.heard = Date.now();
      write(told.device, drone);
    },
    coverage(told) {
      const drone = known(told.device);
      if (!told.live) {
        drone.figures = "";
        if (drone.line) write(told.device, drone);
        if (Date.now() - told.ts < 3600000) later();
        return;
      }
      if (Date.now() - told.ts > RECENT_MS) return;
      colour(told.plots);
      const cong = told.net_m2 / Number(main.dataset.cong);
      drone.figures = told.net_m2 === null ? "" : `${(told.net_m2 / 10000).toFixed(2)} ha · ${cong.toFixed(1)} ${list.dataset.cong}`;
      drone.heard = Date.now();
      write(told.device, drone);
    },
    alert(told) {
      const key = [told.device, told.kind, told.subject].join("\n");
      const old = raised.get(key);
      if (old) old.remove();
      raised.delete(key);
      if (told.raised) {
        const line = document.createElement("li");
        line.textContent = `${named(told.device)}: ${told[main.dataset.lang] || told.vi}`;
        alerts.firstElementChild.prepend(line);
        raised.set(key, line);
      }
      alerts.hidden = raised.size === 0;
    },
  };

  // --- the stream

  const tell = (word) => {
    state.className = `state ${word === "off" ? "off" : "on"}`;
    state.textContent = state.dataset[word];
    panel.hidden = false;
  };
  const open = () => {
    if (stream) return;
    stream = new EventSource(main.dataset.live);
    for (const [kind, take] of Object.entries(hear)) {
      stream.addEventListener(kind, (event) => {
        refused = 0;
        take(JSON.parse(event.data));
      });
    }
    stream.onopen = () => {
      clearTimeout(lost);
      if (state.className.includes("off")) tell("on");
    };
    stream.onerror = () => {
      clearTimeout(lost);
      lost = setTimeout(() => tell("off"), PATIENCE_MS);
      if (stream.readyState !== EventSource.CLOSED) return;  // it comes again by itself
      close();
      tell("off");
      refused += 1;
      if (refused > 3) location.reload();  // logged out: the page says so
      else setTimeout(() => { if (!document.hidden) open(); }, 10000 * refused);
    };
  };
  const close = () => {
    if (stream) stream.close();
    clearTimeout(lost);
    stream = null;
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(rest);
    if (document.hidden) rest = setTimeout(close, REST_MS);
    else open();
  });
  setInterval(() => {
    for (const drone of drones.values()) {
      if (drone.line && Date.now() - drone.heard > SILENT_MS) landed(drone);
    }
  }, 5000);

  // --- a flight has closed: the figures that count are on the server

  const later = () => {
    if (refresh) return;
    refresh = setTimeout(renew, Math.max(1000, LEAST_REFRESH_MS - (Date.now() - refreshed)));
  };
  const renew = async () => {
    refresh = 0;
    refreshed = Date.now();
    if (document.hidden) { later(); return; }
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("sheets");
      if (!fresh) return;
      document.getElementById("sheets").replaceWith(document.importNode(fresh, true));
      chart();
    } catch { /* without a network the old figures stay */ }
  };

  count();
  open();
})();
