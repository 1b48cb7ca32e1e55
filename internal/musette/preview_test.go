package musette

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/platform/db"
	"digiwork/internal/testkit/house"
)

// picture is a JPEG that says where it was taken.
func picture(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 2000, 4)), nil); err != nil {
		t.Fatal(err)
	}
	comment := "taken at 48.85, 2.35"
	raw := b.String()
	return raw[:2] + "\xff\xfe" + string(binary.BigEndian.AppendUint16(nil, uint16(len(comment)+2))) + comment + raw[2:]
}

// vast is a PNG of a few bytes that announces ten thousand by ten thousand pixels.
func vast(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	binary.BigEndian.PutUint32(raw[16:], 10_000)
	binary.BigEndian.PutUint32(raw[20:], 10_000)
	binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(raw[12:29]))
	return string(raw)
}

func TestAPictureIsShownAgainWithoutWhatItHides(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		id := st.call(t, "ada", "POST", "/activities", full).is(201)["id"].(string)
		path := "/api/v1/activities/" + id + "/pieces"
		original := picture(t)
		p := st.upload(t, "ada", path, "assemblée.jpg", original).is(201)
		if got := st.ask(t, "ada", "GET", p["original"].(string), nil); got.Body.String() != original {
			t.Error("the original is not byte for byte")
		}
		seen := st.ask(t, "ada", "GET", p["preview"].(string), nil)
		small, err := jpeg.DecodeConfig(bytes.NewReader(seen.Body.Bytes()))
		if err != nil || small.Width != previewEdge || strings.Contains(seen.Body.String(), "48.85") || seen.Header().Get("Content-Type") != "image/jpeg" {
			t.Errorf("the preview is %dx%d, %v, %v", small.Width, small.Height, err, seen.Header())
		}
		st.visit(t, "ada", "fr", "/musette/items/"+p["id"].(string)).is(200).sound().says("Aperçu redessiné", "Reprendre l’original")
		st.visit(t, "eve", "fr", "/musette/pieces/"+p["id"].(string)+"/preview").is(404)

		st.upload(t, "ada", path, "a.jpg", original[:200]).is(422)
		if v := st.upload(t, "ada", path, "a.png", vast(t)).is(413); !strings.Contains(v["detail"].(string), "40") {
			t.Errorf("too many pixels: %v", v["detail"])
		}
		if v := st.call(t, "ada", "GET", "/activities/"+id+"/pieces", "").is(200); len(v["items"].([]any)) != 1 {
			t.Errorf("a refused picture is kept: %v", v)
		}
		kept := func() int64 {
			n, err := db.One(t.Context(), st.h.DB.Read(), db.Scan[int64], `select count(*) from gate_blob where until = ''`)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := kept(); n != 2 {
			t.Errorf("%d files are kept for good; want the original and its preview", n)
		}
		st.call(t, "ada", "DELETE", "/pieces/"+p["id"].(string), "").is(204)
		if n := kept(); n != 0 {
			t.Errorf("%d files are left", n)
		}
	})
}

// The neighbour of the pictures that are refused: a photograph as a good camera makes
// it, near the limit, is kept byte for byte and shown small.
func TestALargePhotographIsKeptAndShown(t *testing.T) {
	if testing.Short() {
		t.Skip("a large picture")
	}
	h := house.Open(t, filepath.Join(t.TempDir(), "a.db"))
	st := open(t, h, &Service{DB: h.DB, Gate: h.Gate})
	noise, source := image.NewYCbCr(image.Rect(0, 0, 6400, 4200), image.YCbCrSubsampleRatio420), rand.New(rand.NewPCG(1, 2)) //nolint:gosec // noise packs badly: that is all
	for _, plane := range [][]byte{noise.Y, noise.Cb, noise.Cr} {
		for i := 0; i+8 <= len(plane); i += 8 {
			binary.LittleEndian.PutUint64(plane[i:], source.Uint64())
		}
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, noise, &jpeg.Options{Quality: 75}); err != nil {
		t.Fatal(err)
	}
	if n := photo.Len(); n < 20<<20 || n > pieceMost {
		t.Fatalf("the photograph has %d bytes", n)
	}
	id := st.call(t, "ada", "POST", "/activities", full).is(201)["id"].(string)
	p := st.upload(t, "ada", "/api/v1/activities/"+id+"/pieces", "photo.jpg", photo.String()).is(201)
	if got := st.ask(t, "ada", "GET", p["original"].(string), nil); !bytes.Equal(got.Body.Bytes(), photo.Bytes()) {
		t.Error("the original is not what was given")
	}
	if p["preview"] == nil {
		t.Error("it has no preview")
	}
}
