// Package imagesafe makes a picture again for other eyes: the pixels, turned the
// way they are meant to be seen, and nothing else. What a camera or a program
// wrote beside them (place, time, serial numbers, a thumbnail of what was cut away)
// stays behind, since only pixels are copied.
//
// # Promises
//
//   - The format is seen in the bytes: JPEG, PNG, GIF and WebP come in, JPEG or PNG
//     goes out. A drawing (SVG) is a program and is refused.
//   - A picture of more than MaxPixels is refused by its header, before a pixel is
//     decoded, and so is one whose decoding would take more than 256 MiB; at most
//     AtOnce pictures are decoded at once in the process, and never more together
//     than fit into that space.
//   - Nothing is written to disk.
package imagesafe
