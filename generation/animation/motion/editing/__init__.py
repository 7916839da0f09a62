"""One recording, performed again and again while somebody changes controls: analysed once, planned windows
remembered."""
