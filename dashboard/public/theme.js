// Runs before the first paint. src/app/theme.ts changes the same class and the same stored choice later.
;(function () {
  var choice = null
  try {
    choice = localStorage.getItem('token-trackr-theme')
  } catch {
    // Storage is blocked: follow the system.
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.add(dark ? 'dark' : 'light')
})()
