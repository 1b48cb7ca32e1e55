package imagesafe

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/testkit/shared"
)

// corners is a picture of four colours: red, green / blue, white.
func corners(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{255, 0, 0, 255}
			switch {
			case x >= w/2 && y < h/2:
				c = color.NRGBA{0, 255, 0, 255}
			case x < w/2 && y >= h/2:
				c = color.NRGBA{0, 0, 255, 255}
			case y >= h/2:
				c = color.NRGBA{255, 255, 255, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// letters names the colours of the four corners, row by row.
func letters(img image.Image) string {
	b := img.Bounds()
	var s string
	for _, p := range []image.Point{{b.Min.X, b.Min.Y}, {b.Max.X - 1, b.Min.Y}, {b.Min.X, b.Max.Y - 1}, {b.Max.X - 1, b.Max.Y - 1}} {
		r, g, bl, _ := img.At(p.X, p.Y).RGBA()
		switch {
		case r > 0x8000 && g > 0x8000:
			s += "w"
		case r > 0x8000:
			s += "r"
		case g > 0x8000:
			s += "g"
		case bl > 0x8000:
			s += "b"
		default:
			s += "?"
		}
	}
	return s
}

func tiff(order binary.AppendByteOrder, mark string, orientation uint16) []byte {
	b := order.AppendUint32(order.AppendUint16([]byte(mark), 42), 8)
	b = order.AppendUint16(b, 2)
	b = append(b, make([]byte, 12)...) // another entry first
	b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, 0x0112), 3), 1)
	b = order.AppendUint16(order.AppendUint16(b, orientation), 0)
	return order.AppendUint32(b, 0)
}

func jpegWith(t *testing.T, img image.Image, exif []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	body := append([]byte("Exif\x00\x00"), exif...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(body)+2)) //nolint:gosec // small
	return append(append(segment, body...), b.Bytes()[2:]...)
}

// Each of the eight orientations of EXIF shows the same picture once turned.
func TestEveryOrientationIsUndone(t *testing.T) {
	t.Parallel()
	for o := 1; o <= 8; o++ {
		for _, order := range []struct {
			is   binary.AppendByteOrder
			mark string
		}{{binary.LittleEndian, "II"}, {binary.BigEndian, "MM"}} {
			// the upright picture is 32 x 16; what is stored is turned back from it
			upright := corners(32, 16)
			src := image.Image(upright)
			inverse := map[int]int{1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}[o]
			src = turn(src, inverse)
			raw, media, err := Plain(t.Context(), bytes.NewReader(jpegWith(t, src, tiff(order.is, order.mark, uint16(o)))), 0) //nolint:gosec // 1 to 8
			if err != nil || media != "image/jpeg" {
				t.Fatal(o, media, err)
			}
			img, err := jpeg.Decode(bytes.NewReader(raw))
			if err != nil || img.Bounds().Dx() != 32 || img.Bounds().Dy() != 16 || letters(img) != "rgbw" {
				t.Errorf("orientation %d: %v, %v, %s", o, err, img.Bounds(), letters(img))
			}
		}
	}
}

func TestOrientationOfPNGAndWebP(t *testing.T) {
	t.Parallel()
	exif := tiff(binary.BigEndian, "MM", 6)
	var b bytes.Buffer
	if err := png.Encode(&b, corners(32, 16)); err != nil {
		t.Fatal(err)
	}
	p := b.Bytes()
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(exif))), "eXIf"...) //nolint:gosec // small
	chunk = append(append(chunk, exif...), 0, 0, 0, 0)
	if o := orientationOf(append(append(bytes.Clone(p[:33]), chunk...), p[33:]...), "image/png"); o != 6 {
		t.Errorf("PNG: %d", o)
	}
	riff := append([]byte("RIFF\x00\x00\x00\x00WEBPXXXX\x03\x00\x00\x00abc\x00EXIF"), binary.LittleEndian.AppendUint32(nil, uint32(len(exif)))...) //nolint:gosec // small
	if o := orientationOf(append(riff, exif...), "image/webp"); o != 6 {
		t.Errorf("WebP: %d", o)
	}
	for _, broken := range [][]byte{nil, exif[:9], append([]byte("XX"), exif[2:]...), tiff(binary.LittleEndian, "II", 9)} {
		if o := exifOrientation(broken); o != upright {
			t.Errorf("%q: %d", broken, o)
		}
	}
}

func TestNothingButPixelsGoesOut(t *testing.T) {
	t.Parallel()
	secret := "44.8378N 0.5792W"
	exif := append(tiff(binary.LittleEndian, "II", 1), secret...)
	var p bytes.Buffer
	if err := png.Encode(&p, corners(40, 40)); err != nil {
		t.Fatal(err)
	}
	withText := append(append(append(bytes.Clone(p.Bytes()[:33]), pngChunk("tEXt", "Comment\x00"+secret)...), p.Bytes()[33:]...), secret...)
	for name, raw := range map[string][]byte{"JPEG": append(jpegWith(t, corners(40, 40), exif), secret...), "PNG": withText} {
		out, _, err := Plain(t.Context(), bytes.NewReader(raw), 20)
		if err != nil {
			t.Fatal(name, err)
		}
		if bytes.Contains(out, []byte(secret)) || bytes.Contains(out, []byte("Exif")) || bytes.Contains(out, []byte("tEXt")) {
			t.Errorf("%s keeps what stood beside the pixels", name)
		}
	}
}

func pngChunk(typ, body string) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), typ+body...) //nolint:gosec // small
	return binary.BigEndian.AppendUint32(b, crc(b[4:]))
}

func crc(b []byte) uint32 {
	c := ^uint32(0)
	for _, v := range b {
		c ^= uint32(v)
		for range 8 {
			c = c>>1 ^ 0xedb88320&-(c&1)
		}
	}
	return ^c
}

// Every pixel counts when a picture is made small: a fine chequerboard becomes an
// even grey, not black, white or stripes.
func TestFineLinesDoNotShimmer(t *testing.T) {
	t.Parallel()
	board := image.NewGray(image.Rect(0, 0, 601, 401))
	for y := range 401 {
		for x := range 601 {
			if (x+y)%2 == 0 {
				board.SetGray(x, y, color.Gray{255})
			}
		}
	}
	for _, edge := range []int{300, 150, 97, 33} {
		img := scale(board, edge)
		b := img.Bounds()
		if b.Dx() != edge {
			t.Errorf("%d wide, want %d", b.Dx(), edge)
		}
		for y := 1; y < b.Dy()-1; y++ {
			for x := 1; x < b.Dx()-1; x++ {
				if g := color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y; g < 90 || g > 165 { //nolint:forcetypeassert // a grey
					t.Fatalf("edge %d: grey %d at %d,%d", edge, g, x, y)
				}
			}
		}
	}
	if img := scale(corners(640, 480), 100); letters(img) != "rgbw" || img.Bounds().Dy() != 75 {
		t.Errorf("%s %v", letters(img), img.Bounds())
	}
}

func TestTransparencyStays(t *testing.T) {
	t.Parallel()
	img := image.NewNRGBA(image.Rect(0, 0, 50, 50))
	img.SetNRGBA(10, 10, color.NRGBA{255, 0, 0, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	raw, media, err := Plain(t.Context(), &b, 25)
	if err != nil || media != "image/png" {
		t.Fatal(media, err)
	}
	out, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, a := out.At(20, 20).RGBA(); a != 0 {
		t.Error("what was transparent is not")
	}
}

func TestAFrameSmallerThanItsCanvasKeepsItsPlace(t *testing.T) {
	t.Parallel()
	frame := image.NewPaletted(image.Rect(8, 8, 16, 16), color.Palette{color.White, color.NRGBA{255, 0, 0, 255}})
	for i := range frame.Pix {
		frame.Pix[i] = 1
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{Width: 32, Height: 32, ColorModel: frame.Palette}}); err != nil {
		t.Fatal(err)
	}
	raw, _, err := Plain(t.Context(), &b, 0)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil || img.Bounds().Dx() != 32 {
		t.Fatal(img.Bounds(), err)
	}
	if r, _, _, _ := img.At(10, 10).RGBA(); r < 0x8000 {
		t.Error("the frame has moved")
	}
}

// dot is a WebP picture of one transparent pixel.
const dot = "RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"

func TestWebPBecomesPNGWhenItIsTransparent(t *testing.T) {
	t.Parallel()
	raw, media, err := Plain(t.Context(), strings.NewReader(dot), 0)
	if err != nil || media != "image/png" {
		t.Fatal(media, err)
	}
	if in, err := Inspect(raw); err != nil || in.Width != 1 || in.Height != 1 {
		t.Errorf("%+v %v", in, err)
	}
}

// A WebP file may say one size for its canvas and another for its picture.
func TestAWebPThatLiesAboutItsSize(t *testing.T) {
	t.Parallel()
	vp8 := append([]byte{0x30, 1, 0, 0x9d, 1, 0x2a}, 0xff, 0x3f, 0xff, 0x3f)
	file := append([]byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00"), make([]byte, 10)...)
	file = append(append(file, "VP8 \x0a\x00\x00\x00"...), vp8...)
	if _, err := Inspect(file); !errors.Is(err, ErrPixels) && !errors.Is(err, ErrBroken) {
		t.Errorf("%v", err)
	}
	if w := webpWork(file, 1); w != 4*maxWork {
		t.Errorf("work %d", w)
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	for range AtOnce {
		places <- struct{}{}
	}
	defer func() {
		for range AtOnce {
			<-places
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var b bytes.Buffer
	if err := png.Encode(&b, corners(9, 9)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Plain(ctx, &b, 9); !errors.Is(err, context.Canceled) {
		t.Errorf("a third picture is decoded: %v", err)
	}
}

func TestBytesAreCounted(t *testing.T) {
	t.Parallel()
	if _, _, err := Plain(t.Context(), bytes.NewReader(make([]byte, MaxBytes+1)), 9); !errors.Is(err, ErrLarge) {
		t.Errorf("%v", err)
	}
	if _, _, err := Thumbnail(t.Context(), bytes.NewReader(nil), 0); err == nil {
		t.Error("a thumbnail without a side")
	}
}

// photo is a JPEG of noise, which packs badly: more than 20 MiB.
func photo(t testing.TB) []byte {
	t.Helper()
	img := image.NewYCbCr(image.Rect(0, 0, 6400, 4200), image.YCbCrSubsampleRatio420)
	noise := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same noise each time
	for i := range img.Y {
		img.Y[i] = byte(noise.Uint32())
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = byte(noise.Uint32()), byte(noise.Uint32())
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 75}); err != nil {
		t.Fatal(err)
	}
	if b.Len() < 20<<20 || b.Len() > MaxBytes {
		t.Fatalf("%d bytes", b.Len())
	}
	return b.Bytes()
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	t.Parallel()
	var small bytes.Buffer
	if err := png.Encode(&small, corners(90, 90)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"drawing":   {[]byte("\ufeff<?xml version='1.0'?><!-- x --><SVG xmlns='http://www.w3.org/2000/svg'/>"), ErrDrawing},
		"same":      {[]byte("<svg/>"), ErrFormat},
		"text":      {[]byte("bonjour"), ErrFormat},
		"nothing":   {nil, ErrFormat},
		"cut":       {small.Bytes()[:small.Len()/2], ErrBroken},
		"header":    {[]byte("\x89PNG\r\n\x1a\n"), ErrBroken},
		"empty GIF": {[]byte("GIF89a\x00\x00\x00\x00\x00\x00\x00"), ErrBroken},
	} {
		if _, _, err := Plain(t.Context(), bytes.NewReader(c.raw), 100); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, _, err := Plain(t.Context(), &small, 100); err != nil {
		t.Errorf("the neighbour: %v", err)
	}
}

func TestPublicPicturesAreShownOrRefused(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(shared.Path(t, "robustness/png"), "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range append(files, shared.Path(t, "robustness/generated/svg-script.svg"), shared.Path(t, "open-badges/ob30/simple-json.svg")) {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = Plain(t.Context(), bytes.NewReader(raw), 100)
		shown := filepath.Base(name) == "invalid-palette.png" // a colour too many, which the decoder makes black
		if shown != (err == nil) || !shown && !errors.Is(err, ErrBroken) && !errors.Is(err, ErrDrawing) {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
	}
	if _, media, err := Plain(t.Context(), bytes.NewReader(shared.Read(t, "open-badges/ob30/simple-json.png")), 100); err != nil || media != "image/png" {
		t.Errorf("a badge is a picture like another: %s %v", media, err)
	}
}

func FuzzPlain(f *testing.F) {
	var p, j, g bytes.Buffer
	for _, err := range []error{png.Encode(&p, corners(9, 9)), jpeg.Encode(&j, corners(9, 9), nil), gif.Encode(&g, corners(9, 9), nil)} {
		if err != nil {
			f.Fatal(err)
		}
	}
	f.Add(p.Bytes())
	f.Add(j.Bytes())
	f.Add(g.Bytes())
	f.Add([]byte(dot))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if in, err := Inspect(raw); err == nil && in.Width*in.Height > 1<<20 {
			return // large ones are a matter of memory, not of sense
		}
		out, media, err := Plain(t.Context(), bytes.NewReader(raw), 16)
		if err != nil {
			if !errors.Is(err, ErrBroken) && !errors.Is(err, ErrFormat) && !errors.Is(err, ErrPixels) {
				t.Error(err)
			}
			return
		}
		again, err := Inspect(out)
		if err != nil || again.Media != media || again.Width > 16 || again.Height > 16 {
			t.Errorf("%+v %v", again, err)
		}
	})
}

const fileToShow = "IMAGESAFE_TEST_FILE"

// TestMain makes one picture again and leaves when it is asked to, so that its
// greatest size can be seen from outside.
func TestMain(m *testing.M) {
	name := os.Getenv(fileToShow)
	if name == "" {
		os.Exit(m.Run())
	}
	f, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	raw, media, err := Plain(context.Background(), f, 1600)
	status, readErr := os.ReadFile("/proc/self/status")
	if readErr != nil {
		panic(readErr)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Println(strings.Fields(after)[0], len(raw), media, err)
	os.Exit(0)
}

func TestMemoryOfOnePicture(t *testing.T) {
	if testing.Short() {
		t.Skip("pictures of 40 megapixels")
	}
	encode := func(img image.Image) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, c := range map[string]struct {
		raw     func() []byte
		refused bool
		most    int // MiB
	}{
		"the bomb":              {func() []byte { return shared.Read(t, "robustness/generated/png-bomb-12000x12000.png") }, true, 64},
		"a photo of 20 MiB":     {func() []byte { return photo(t) }, false, 256},
		"40 megapixels in grey": {func() []byte { return encode(image.NewGray(image.Rect(0, 0, 8000, 5000))) }, false, 256},
		"40 megapixels, RGBA":   {func() []byte { return encode(transparent(8000, 5000)) }, false, 256},
		"40 megapixels, 16 bit": {func() []byte { return encode(image.NewNRGBA64(image.Rect(0, 0, 8000, 5000))) }, true, 64},
	} {
		file := filepath.Join(dir, "picture")
		if err := os.WriteFile(file, c.raw(), 0o600); err != nil {
			t.Fatal(err)
		}
		child := exec.CommandContext(t.Context(), self) //nolint:gosec // this very test
		child.Env = append(os.Environ(), fileToShow+"="+file)
		out, err := child.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v %s", name, err, out)
		}
		var kib, length int
		if _, err := fmt.Sscan(string(out), &kib, &length); err != nil {
			t.Fatalf("%s: %v %s", name, err, out)
		}
		t.Logf("%-22s %d MiB: %s", name, kib>>10, out)
		if kib>>10 > c.most || (length == 0) != c.refused {
			t.Errorf("%s: %s", name, out)
		}
	}
}

func transparent(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	img.SetNRGBA(0, 0, color.NRGBA{1, 2, 3, 4})
	return img
}
