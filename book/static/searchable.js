// Tables that a reader can search, sort and filter by column. Without this script they are plain tables.
"use strict";
for (const table of document.querySelectorAll(".searchable > table")) {
  new window.itables.ITable(table, {
    autoWidth: false,
    column_filters: "header",
    layout: { topStart: "pageLength", topEnd: "search", bottomStart: "info", bottomEnd: "paging" },
    lengthMenu: [10, 25, 100, 500],
    order: [],
    pageLength: 25,
    scrollX: true,
  });
}
window.itables.set_or_remove_dark_class();
