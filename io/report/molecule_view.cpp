#include "io/report/molecule_view.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "io/report/html.h"

namespace saltus::io {
namespace {

const char kScript[] = R"js(
(() => {
  const colours = { H: "#e8e8e8", C: "#6f757c", N: "#3b62d8", O: "#d6322c", F: "#5fbf4a",
    P: "#e08a1e", S: "#d9b81f", Cl: "#2ea32e", Br: "#9c3a1f", I: "#7a2a99", Si: "#c8a26a" };
  const radii = { H: 0.24, C: 0.36, N: 0.36, O: 0.36, F: 0.32 };
  const centred = (x) => {
    const n = x.length / 3, mean = [0, 0, 0];
    x.forEach((v, i) => { mean[i % 3] += v / n; });
    return x.map((v, i) => v - mean[i % 3]);
  };
  // Rotates b upon a: the quaternion that belongs to the largest eigenvalue of Horn's matrix.
  const superposed = (a, b, atoms) => {
    const s = [[0, 0, 0], [0, 0, 0], [0, 0, 0]];
    for (const i of atoms) for (let j = 0; j < 3; ++j) for (let k = 0; k < 3; ++k)
      s[j][k] += b[3 * i + j] * a[3 * i + k];
    const [[xx, xy, xz], [yx, yy, yz], [zx, zy, zz]] = s;
    const m = [[xx + yy + zz, yz - zy, zx - xz, xy - yx], [yz - zy, xx - yy - zz, xy + yx, zx + xz],
      [zx - xz, xy + yx, yy - xx - zz, yz + zy], [xy - yx, zx + xz, yz + zy, zz - xx - yy]];
    const shift = Math.max(...m.map((row) => row.reduce((t, v) => t + Math.abs(v), 0)));
    let q = [1, 0.1, 0.01, 0.001];
    for (let step = 0; step < 500; ++step) {
      q = m.map((row, i) => row.reduce((t, v, j) => t + v * q[j], shift * q[i]));
      const length = Math.hypot(...q);
      q = q.map((v) => v / length);
    }
    const [w, x, y, z] = q;
    const r = [[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
      [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
      [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]];
    return b.map((v, i) => r[i % 3].reduce((t, e, k) => t + e * b[i - i % 3 + k], 0));
  };
  const view = (box, molecule) => {
    const canvas = box.querySelector("canvas"), pen = canvas.getContext("2d");
    const slider = box.querySelector("input[type=range]"), all = box.querySelector("input[type=checkbox]");
    const label = box.querySelector("output");
    const heavy = molecule.elements.map((e, i) => i).filter((i) => molecule.elements[i] !== "H");
    const shapes = [];
    for (const c of molecule.conformers)
      shapes.push(shapes.length ? superposed(shapes[0], centred(c.xyz), heavy) : centred(c.xyz));
    let size = 1;
    for (const x of shapes) for (let i = 0; i < x.length; i += 3)
      size = Math.max(size, Math.hypot(x[i], x[i + 1], x[i + 2]));
    let turn = [[1, 0, 0], [0, 0.94, -0.34], [0, 0.34, 0.94]];
    const at = (x, i) => turn.map((row) => row[0] * x[3 * i] + row[1] * x[3 * i + 1] + row[2] * x[3 * i + 2]);
    const draw = () => {
      const dense = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
      canvas.width = width * dense;
      canvas.height = height * dense;
      pen.setTransform(dense, 0, 0, dense, width * dense / 2, height * dense / 2);
      const scale = 0.46 * Math.min(width, height) / (size + 0.4), parts = [];
      const shown = shapes.map((x, i) => i).filter((i) => all.checked || i === +slider.value);
      for (const s of shown) {
        const points = molecule.elements.map((e, i) => at(shapes[s], i));
        const strong = !all.checked || s === +slider.value;
        for (const [i, j, order] of molecule.bonds) {
          if (all.checked && (molecule.elements[i] === "H" || molecule.elements[j] === "H")) continue;
          parts.push({ z: (points[i][2] + points[j][2]) / 2, a: points[i], b: points[j], order, strong,
            colours: [molecule.elements[i], molecule.elements[j]] });
        }
        if (!all.checked) points.forEach((p, i) => parts.push({ z: p[2], p, element: molecule.elements[i] }));
      }
      parts.sort((a, b) => a.z - b.z);
      for (const part of parts) part.p ? ball(part, scale) : stick(part, scale);
      label.textContent = molecule.conformers[+slider.value].label;
    };
    const ball = ({ p, element }, scale) => {
      const r = (radii[element] || 0.42) * scale, x = p[0] * scale, y = -p[1] * scale;
      const shade = pen.createRadialGradient(x - 0.35 * r, y - 0.35 * r, 0.1 * r, x, y, r);
      shade.addColorStop(0, "#fff");
      shade.addColorStop(0.35, colours[element] || "#d68ac0");
      shade.addColorStop(1, "#000c");
      pen.fillStyle = colours[element] || "#d68ac0";
      pen.beginPath();
      pen.arc(x, y, r, 0, 7);
      pen.fill();
      pen.globalAlpha = 0.6;
      pen.fillStyle = shade;
      pen.fill();
      pen.globalAlpha = 1;
    };
    const stick = ({ a, b, order, strong, colours: ends }, scale) => {
      const dx = (b[0] - a[0]) * scale, dy = -(b[1] - a[1]) * scale, length = Math.hypot(dx, dy) || 1;
      pen.lineWidth = (all.checked ? 0.07 : order > 1 ? 0.09 : 0.14) * scale;
      pen.lineCap = "round";
      pen.globalAlpha = strong ? 1 : 0.35;
      for (let line = 0; line < (all.checked ? 1 : order); ++line) {
        const off = (line - ((all.checked ? 1 : order) - 1) / 2) * 0.17 * scale;
        const x = a[0] * scale - off * dy / length, y = -a[1] * scale + off * dx / length;
        [[0, 0.5], [0.5, 1]].forEach(([from, to], end) => {
          pen.strokeStyle = colours[ends[end]] || "#d68ac0";
          pen.beginPath();
          pen.moveTo(x + from * dx, y + from * dy);
          pen.lineTo(x + to * dx, y + to * dy);
          pen.stroke();
        });
      }
      pen.globalAlpha = 1;
    };
    const rotate = (dx, dy) => {
      const [c, s, d, t] = [Math.cos(dx), Math.sin(dx), Math.cos(dy), Math.sin(dy)];
      const step = [[c, 0, s], [t * s, d, -t * c], [-d * s, t, d * c]];
      turn = step.map((row) => [0, 1, 2].map((k) => row.reduce((sum, v, j) => sum + v * turn[j][k], 0)));
      draw();
    };
    canvas.addEventListener("pointerdown", (e) => canvas.setPointerCapture(e.pointerId));
    canvas.addEventListener("pointermove", (e) => {
      if (e.buttons) rotate(e.movementX / 90, e.movementY / 90);
    });
    canvas.addEventListener("keydown", (e) => {
      const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[e.key];
      if (step) { e.preventDefault(); rotate(...step); }
    });
    slider.addEventListener("input", draw);
    all.addEventListener("input", draw);
    window.addEventListener("resize", draw);
    draw();
  };
  const molecules = JSON.parse(document.getElementById("molecules").textContent);
  document.querySelectorAll(".molecule-view").forEach((box, i) => view(box, molecules[i]));
})();
)js";

/// Angstrom with three digits: more digits are not visible.
double rounded(double x) { return std::round(1e3 * x) / 1e3; }

nlohmann::json to_json(const MoleculePicture& molecule) {
  nlohmann::json json = {{"elements", molecule.elements}, {"bonds", molecule.bonds}};
  for (const MoleculePicture::Conformer& conformer : molecule.conformers) {
    std::vector<double> xyz = conformer.xyz;
    for (double& x : xyz) x = rounded(x);
    json["conformers"].push_back({{"xyz", xyz}, {"label", conformer.label}});
  }
  return json;
}

std::string box_html(const MoleculePicture& molecule) {
  const std::string most = std::to_string(molecule.conformers.size() - 1);
  const std::string name = escape_html(molecule.name);
  return "<figure class=\"molecule-view\">\n<h3>" + name + "</h3>\n" + molecule.drawing +
         "<canvas tabindex=\"0\" role=\"img\" aria-label=\"" + name +
         ", turns with the mouse or the arrow keys\"></canvas>\n<label>conformer <input "
         "type=\"range\" min=\"0\" max=\"" +
         most +
         "\" value=\"0\"></label> <label><input type=\"checkbox\"> all, superposed</label>\n"
         "<output></output>\n<figcaption><code>" +
         escape_html(molecule.smiles) + "</code></figcaption></figure>\n";
}

}  // namespace

std::string molecule_view_html(const std::vector<MoleculePicture>& molecules) {
  if (molecules.empty()) return "";
  std::string html = "<div class=\"pair\">\n";
  nlohmann::json data;
  for (const MoleculePicture& molecule : molecules) {
    html += box_html(molecule);
    data.push_back(to_json(molecule));
  }
  std::string text = data.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  // "</script>" in a label would end the block.
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos;)
    text.replace(at, 1, "\\u003c");
  return html +
         "</div>\n<noscript><p class=\"note\">The pictures need JavaScript, which is part of this "
         "page.</p></noscript>\n<script type=\"application/json\" id=\"molecules\">" +
         text + "</script>\n<script>" + kScript + "</script>\n";
}

}  // namespace saltus::io
