package musette

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"

	"digiwork/internal/platform/db"
)

// redraw is the way of a library: decoded, bounded, encoded again.
func redraw(_ context.Context, r io.Reader) ([]byte, string, error) {
	img, _, err := image.Decode(r)
	if err != nil {
		return nil, "", err
	}
	if b := img.Bounds(); b.Dx()*b.Dy() > 100 {
		return nil, "", ErrPixels
	}
	var b bytes.Buffer
	err = jpeg.Encode(&b, img, nil)
	return b.Bytes(), "image/jpeg", err
}

func picture(t testing.TB, width int, comment string) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, 4))); err != nil {
		t.Fatal(err)
	}
	return b.String() + comment // what follows the picture is kept in the original
}

func TestAPictureIsShownAgainWithoutWhatItHides(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		st.s.Plain = func(ctx context.Context, r io.Reader) ([]byte, string, error) {
			raw, _, err := redraw(ctx, r)
			if err != nil {
				return nil, "", err
			}
			return append(raw, "drawn again"...), "image/jpeg", nil
		}
		id := st.call(t, "ada", "POST", "/activities", full).is(201)["id"].(string)
		path := "/api/v1/activities/" + id + "/pieces"
		original := picture(t, 8, "taken at 48.85, 2.35")
		p := st.upload(t, "ada", path, "assemblée.png", original).is(201)
		if got := st.ask(t, "ada", "GET", p["original"].(string), nil); got.Body.String() != original {
			t.Error("the original is not byte for byte")
		}
		seen := st.ask(t, "ada", "GET", p["preview"].(string), nil)
		if seen.is(200); strings.Contains(seen.Body.String(), "48.85") || !strings.HasSuffix(seen.Body.String(), "drawn again") || seen.Header().Get("Content-Type") != "image/jpeg" {
			t.Errorf("the preview is %q", seen.Header())
		}
		st.visit(t, "ada", "fr", "/musette/items/"+p["id"].(string)).is(200).sound().says("Aperçu redessiné", "Reprendre l’original")
		st.visit(t, "eve", "fr", "/musette/pieces/"+p["id"].(string)+"/preview").is(404)

		st.upload(t, "ada", path, "a.png", picture(t, 8, "")[:40]).is(422)
		big := st.upload(t, "ada", path, "a.png", picture(t, 50, ""))
		if v := big.is(413); !strings.Contains(v["detail"].(string), "40") {
			t.Errorf("too many pixels: %v", v["detail"])
		}
		if v := st.call(t, "ada", "GET", "/activities/"+id+"/pieces", "").is(200); len(v["items"].([]any)) != 1 {
			t.Errorf("a refused picture is kept: %v", v)
		}
		held, err := db.One(t.Context(), st.h.DB.Read(), db.Scan[int64], `select count(*) from gate_blob where until = ''`)
		if err != nil || held != 2 {
			t.Errorf("%d files are kept for good, %v; want the original and its preview", held, err)
		}
		st.call(t, "ada", "DELETE", "/pieces/"+p["id"].(string), "").is(204)
		if held, err = db.One(t.Context(), st.h.DB.Read(), db.Scan[int64], `select count(*) from gate_blob where until = ''`); err != nil || held != 0 {
			t.Errorf("%d files are left, %v", held, err)
		}
	})
}
