package imagesafe_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"digiwork/internal/lib/imagesafe"
	"digiwork/internal/testkit/shared"
)

func picture(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), uint8(x ^ y), 255}) //nolint:gosec // wraps on purpose
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withExif puts an EXIF segment with an orientation and a telltale into a JPEG.
func withExif(file []byte, orientation uint16) []byte {
	tiff := []byte("II*\x00\x08\x00\x00\x00\x01\x00")
	entry := make([]byte, 12)
	binary.LittleEndian.PutUint16(entry, 0x0112)
	binary.LittleEndian.PutUint16(entry[2:], 3)
	binary.LittleEndian.PutUint32(entry[4:], 1)
	binary.LittleEndian.PutUint16(entry[8:], orientation)
	segment := append([]byte("Exif\x00\x00"), append(append(tiff, entry...), []byte("\x00\x00\x00\x00GPS-TELLTALE")...)...)
	head := []byte{0xff, 0xd8, 0xff, 0xe1, 0, 0}
	binary.BigEndian.PutUint16(head[4:], uint16(len(segment)+2)) //nolint:gosec // small
	return append(append(head, segment...), file[2:]...)
}

func TestMetadataStaysBehindAndTheOrientationIsApplied(t *testing.T) {
	t.Parallel()
	file := withExif(jpegOf(t, picture(40, 20)), 6)
	raw, media, err := imagesafe.Plain(t.Context(), bytes.NewReader(file), 1000)
	if err != nil || media != "image/jpeg" {
		t.Fatal(media, err)
	}
	if bytes.Contains(raw, []byte("TELLTALE")) || bytes.Contains(raw, []byte("Exif")) {
		t.Error("metadata travels along")
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(raw))
	if err != nil || c.Width != 20 || c.Height != 40 {
		t.Errorf("%dx%d, %v; want 20x40", c.Width, c.Height, err)
	}
}

func TestNoSideIsLongerThanAsked(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{300, 100}, {100, 300}, {1, 5000}, {50, 50}} {
		var b bytes.Buffer
		if err := png.Encode(&b, picture(size[0], size[1])); err != nil {
			t.Fatal(err)
		}
		raw, media, err := imagesafe.Plain(t.Context(), &b, 120)
		if err != nil || media != "image/png" {
			t.Fatal(media, err)
		}
		c, err := png.DecodeConfig(bytes.NewReader(raw))
		if err != nil || max(c.Width, c.Height) > 120 || min(c.Width, c.Height) < 1 {
			t.Errorf("%v became %dx%d, %v", size, c.Width, c.Height, err)
		}
	}
}

func TestGIFIsDrawnAgain(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := gif.Encode(&b, picture(30, 30), nil); err != nil {
		t.Fatal(err)
	}
	if _, media, err := imagesafe.Plain(t.Context(), &b, 100); err != nil || media != "image/png" {
		t.Error(media, err)
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"svg":       {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`), imagesafe.ErrKind},
		"empty":     {nil, imagesafe.ErrKind},
		"truncated": {jpegOf(t, picture(90, 90))[:200], imagesafe.ErrBroken},
		"header":    {[]byte("\x89PNG\r\n\x1a\n"), imagesafe.ErrBroken},
	} {
		if _, _, err := imagesafe.Plain(t.Context(), bytes.NewReader(c.raw), 100); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Forty-nine megapixels are refused from the header; thirty-nine pass.
func TestMegapixelsAreCountedBeforeDecoding(t *testing.T) {
	var before, after runtime.MemStats
	var big bytes.Buffer
	if err := png.Encode(&big, image.NewGray(image.Rect(0, 0, 7000, 7000))); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	if _, _, err := imagesafe.Plain(t.Context(), bytes.NewReader(big.Bytes()), 100); !errors.Is(err, imagesafe.ErrPixels) {
		t.Errorf("49 megapixels: %v", err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("refusing took %d MiB", used>>20)
	}
	var fits bytes.Buffer
	if err := png.Encode(&fits, image.NewGray(image.Rect(0, 0, 6500, 6000))); err != nil {
		t.Fatal(err)
	}
	if _, _, err := imagesafe.Plain(t.Context(), &fits, 100); err != nil {
		t.Errorf("39 megapixels: %v", err)
	}
}

func TestManyAtOnceTakeTurns(t *testing.T) {
	t.Parallel()
	file := jpegOf(t, picture(400, 300))
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if _, _, err := imagesafe.Plain(t.Context(), bytes.NewReader(file), 50); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// Broken and hostile pictures end in a refusal, never in a crash.
func TestHostilePicturesAreRefusedOrDrawn(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared.Path(t, "robustness/png"), "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	files = append(files, shared.Path(t, "robustness/generated/png-bomb-12000x12000.png"), shared.Path(t, "robustness/generated/svg-script.svg"))
	for _, path := range files {
		raw, err := os.ReadFile(path) //nolint:gosec // test data
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = imagesafe.Plain(t.Context(), bytes.NewReader(raw), 100)
		if err != nil && !errors.Is(err, imagesafe.ErrBroken) && !errors.Is(err, imagesafe.ErrKind) && !errors.Is(err, imagesafe.ErrPixels) {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
		if filepath.Base(path) == "png-bomb-12000x12000.png" && !errors.Is(err, imagesafe.ErrPixels) {
			t.Errorf("the bomb: %v", err)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add(jpegOf(f, picture(9, 9)))
	f.Add(withExif(jpegOf(f, picture(9, 9)), 5))
	f.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8 "))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<16 {
			return
		}
		_, _, err := imagesafe.Plain(t.Context(), bytes.NewReader(raw), 16)
		if err != nil && !errors.Is(err, imagesafe.ErrBroken) && !errors.Is(err, imagesafe.ErrKind) && !errors.Is(err, imagesafe.ErrPixels) {
			t.Error(err)
		}
	})
}
