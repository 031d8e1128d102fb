/* Pictures of the map drawn on a canvas: points with their theme's icon, and the hatching of the priority neighbourhoods. */
import { token } from "./tokens.js";

const RATIO = Math.max(2, Math.ceil(window.devicePixelRatio || 1));
const POINT = 34;
const RING = 46;

function canvasOf(size) {
  const canvas = document.createElement("canvas");
  canvas.width = size * RATIO;
  canvas.height = size * RATIO;
  const pen = canvas.getContext("2d");
  pen.scale(RATIO, RATIO);
  return { canvas, pen };
}

const picture = ({ canvas, pen }) => ({
  image: pen.getImageData(0, 0, canvas.width, canvas.height),
  options: { pixelRatio: RATIO },
});

function drawIcon(pen, shapes, colour, middle) {
  pen.save();
  pen.translate(middle - 10, middle - 10);
  pen.scale(20 / 24, 20 / 24);
  pen.strokeStyle = colour;
  pen.lineWidth = 2.2;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  shapes.forEach((shape) => pen.stroke(new Path2D(shape)));
  pen.restore();
}

/* Full disc: open. Disc of paper with a ring: closed, planned or unknown; the word stands in the list and on the sheet. */
export function pointPicture({ colour, onColour, shapes, isOpen }) {
  const drawing = canvasOf(POINT);
  const { pen } = drawing;
  const middle = POINT / 2;
  pen.beginPath();
  pen.arc(middle, middle, middle - 1, 0, 2 * Math.PI);
  pen.fillStyle = token("card");
  pen.fill();
  pen.beginPath();
  pen.arc(middle, middle, middle - 3.5, 0, 2 * Math.PI);
  pen.fillStyle = isOpen ? colour : token("card");
  pen.strokeStyle = colour;
  pen.lineWidth = 2.5;
  if (!isOpen) pen.setLineDash([4, 3]);
  pen.fill();
  pen.stroke();
  pen.setLineDash([]);
  drawIcon(pen, shapes, isOpen ? onColour : token("ink"), middle);
  return picture(drawing);
}

export function ringPicture() {
  const drawing = canvasOf(RING);
  const { pen } = drawing;
  const circle = (radius, colour, width) => {
    pen.beginPath();
    pen.arc(RING / 2, RING / 2, radius, 0, 2 * Math.PI);
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.stroke();
  };
  circle(RING / 2 - 3, token("halo"), 6);
  circle(RING / 2 - 5, token("focus"), 3);
  return picture(drawing);
}

export function hatchPicture() {
  const size = 12;
  const drawing = canvasOf(size);
  const { pen } = drawing;
  pen.strokeStyle = token("map-hatch");
  pen.globalAlpha = 0.38;
  pen.lineWidth = 1.4;
  [-size, 0, size].forEach((shift) => {
    pen.beginPath();
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
    pen.stroke();
  });
  return picture(drawing);
}

export function diamondPicture() {
  const size = 16;
  const drawing = canvasOf(size);
  const { pen } = drawing;
  pen.translate(size / 2, size / 2);
  pen.rotate(Math.PI / 4);
  pen.fillStyle = token("card");
  pen.strokeStyle = token("map-hatch");
  pen.lineWidth = 2;
  pen.fillRect(-4.5, -4.5, 9, 9);
  pen.strokeRect(-4.5, -4.5, 9, 9);
  return picture(drawing);
}
