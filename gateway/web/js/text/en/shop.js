// English: what the page `shop` says.

export default {
  "shop.title": "Fresh from the oven",
};
