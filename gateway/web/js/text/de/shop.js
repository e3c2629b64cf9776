// German: what the page `shop` says.

export default {
  "shop.title": "Frisch aus dem Ofen",
};
