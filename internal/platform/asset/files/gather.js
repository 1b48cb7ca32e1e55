// Dragging a tension onto a territory fills in the form and sends it. Without this the
// form does the same, by keyboard too.
const form = document.getElementById('gather-form');
if (form) {
  for (const row of form.querySelectorAll('#tensions .check')) {
    row.draggable = true;
    row.addEventListener('dragstart', (e) => e.dataTransfer.setData('text/plain', row.querySelector('input').value));
  }
  for (const sheet of document.querySelectorAll('[data-territory]')) {
    sheet.addEventListener('dragover', (e) => e.preventDefault());
    sheet.addEventListener('drop', (e) => {
      e.preventDefault();
      const dropped = e.dataTransfer.getData('text/plain');
      for (const box of form.querySelectorAll('input[name=tensions]')) {
        box.checked = box.value === dropped;
      }
      form.querySelector('select[name=territory]').value = sheet.dataset.territory;
      form.requestSubmit();
    });
  }
}
