package baking_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"digiwork/internal/lib/credential/baking"
	"digiwork/internal/testkit/shared"
)

const svg = `<?xml version="1.0"?><!-- drawn --><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>`

func picture(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var credentials = []string{`{"name":"Reliure & dorure","x":["]]>","é"]}`, "eyJhbGciOiJFZERTQSJ9.e30.c2ln"}

func TestWhatIsBakedIsTakenOut(t *testing.T) {
	for _, pic := range [][]byte{picture(t), []byte(svg)} {
		for _, c := range credentials {
			baked, err := baking.Bake(pic, c)
			if err != nil {
				t.Fatal(err)
			}
			again, err := baking.Bake(baked, c) // replaces, does not add
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range [][]byte{baked, again} {
				got, err := baking.Unbake(b)
				if want := strings.ReplaceAll(c, "]]>", `]]\u003e`); err != nil || got != c && got != want {
					t.Errorf("got %s %v", got, err)
				}
			}
			if bytes.HasPrefix(pic, []byte("\x89PNG")) {
				if _, err := png.Decode(bytes.NewReader(again)); err != nil {
					t.Errorf("it is no picture any more: %v", err)
				}
			}
		}
	}
}

func TestPicturesOfThePublicValidator(t *testing.T) {
	for name, start := range map[string]string{
		"simple-json.png": "{", "simple-jwt.png": "ey", "simple-json.svg": "{", "simple-jwt_v1.svg": "ey",
	} {
		got, err := baking.Unbake(shared.Read(t, "open-badges/ob30/"+name))
		if err != nil || !strings.HasPrefix(got, start) {
			t.Errorf("%s: %.40s %v", name, got, err)
		}
	}
}

// text puts a text chunk after the header.
func text(t testing.TB, pic []byte, typ, data string) []byte {
	t.Helper()
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	body := []byte(typ + data)
	b = binary.BigEndian.AppendUint32(append(b, body...), crc32.ChecksumIEEE(body))
	return append(append(append([]byte{}, pic[:33]...), b...), pic[33:]...)
}

func packed(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestOtherWritersArePossible(t *testing.T) {
	pic := picture(t)
	for name, p := range map[string][]byte{
		"packed":     text(t, pic, "iTXt", "openbadgecredential\x00\x01\x00fr\x00badge\x00"+packed(t, "{}")),
		"zTXt":       text(t, pic, "zTXt", "openbadges\x00\x00"+packed(t, "{}")),
		"tEXt":       text(t, pic, "tEXt", "openbadges\x00{}"),
		"OB 2.0 SVG": []byte(`<svg xmlns:openbadges="http://openbadges.org"><openbadges:assertion verify="https://a.example/1"><![CDATA[{}]]></openbadges:assertion></svg>`),
		"trailing":   append(text(t, pic, "tEXt", "openbadges\x00{}"), "more"...),
	} {
		if got, err := baking.Unbake(p); err != nil || got != "{}" {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	one := []byte(`<svg xmlns:o="http://openbadges.org"><o:assertion verify="https://a.example/1"/></svg>`)
	if got, err := baking.Unbake(one); err != nil || got != "https://a.example/1" {
		t.Errorf("an address: %q %v", got, err)
	}
}

func TestHostilePicturesAreRefused(t *testing.T) {
	pic := picture(t)
	two, err := baking.Bake(pic, "{}")
	if err != nil {
		t.Fatal(err)
	}
	two = text(t, two, "tEXt", "openbadges\x00{}")
	wrong := append([]byte{}, two...)
	wrong[40] ^= 1
	holder := `<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0" verify="a"/>`
	laughs := `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><svg>&b;</svg>`
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"nothing":         {nil, baking.ErrPicture},
		"a text":          {[]byte("{}"), baking.ErrPicture},
		"plain PNG":       {pic, baking.ErrEmpty},
		"plain SVG":       {[]byte(svg), baking.ErrEmpty},
		"two texts":       {two, baking.ErrTwo},
		"two elements":    {[]byte("<svg>" + holder + holder + "</svg>"), baking.ErrTwo},
		"a wrong sum":     {wrong, baking.ErrPicture},
		"no end":          {pic[:len(pic)-12], baking.ErrPicture},
		"a length":        {append(append([]byte{}, pic[:8]...), 0xff, 0xff, 0xff, 0xff, 'I', 'H', 'D', 'R', 0, 0, 0, 0), baking.ErrPicture},
		"a bomb":          {text(t, pic, "zTXt", "openbadges\x00\x00"+packed(t, strings.Repeat("a", 64<<20))), baking.ErrLimit},
		"not UTF-8":       {text(t, pic, "tEXt", "openbadges\x00\xff"), baking.ErrPicture},
		"a broken text":   {text(t, pic, "iTXt", "openbadges\x00\x02\x00\x00\x00{}"), baking.ErrPicture},
		"billion laughs":  {[]byte(laughs), baking.ErrPicture},
		"an entity":       {[]byte(`<svg>&b;</svg>`), baking.ErrPicture},
		"another root":    {[]byte(`<?xml version="1.0"?><html></html>`), baking.ErrPicture},
		"no root":         {[]byte(`<?xml version="1.0"?>`), baking.ErrPicture},
		"deep":            {[]byte(strings.Repeat("<svg>", 300)), baking.ErrLimit},
		"elements inside": {[]byte(strings.Replace("<svg>"+holder+"</svg>", "/>", "><a/></o:credential>", 1)), baking.ErrPicture},
		"empty element":   {[]byte(strings.Replace("<svg>"+holder+"</svg>", `verify="a"`, "", 1)), baking.ErrPicture},
		"huge":            {append([]byte("<svg>"), make([]byte, 6<<20)...), baking.ErrLimit},
	} {
		start := time.Now()
		if _, err := baking.Unbake(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		t.Logf("%s: refused in %v", name, time.Since(start))
	}
	for _, bad := range []string{"<svg/>", "GIF89a", laughs} {
		if _, err := baking.Bake([]byte(bad), "{}"); !errors.Is(err, baking.ErrPicture) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := baking.Bake(pic, strings.Repeat("a", 5<<20)); !errors.Is(err, baking.ErrLimit) {
		t.Errorf("a huge credential: %v", err)
	}
}

func FuzzUnbake(f *testing.F) {
	f.Add([]byte(svg))
	for _, p := range [][]byte{picture(f), []byte(svg)} {
		for _, c := range credentials {
			b, err := baking.Bake(p, c)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := baking.Bake(data, "{}"); err != nil {
			return
		}
		b, err := baking.Bake(data, "{}")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := baking.Unbake(b); err != nil || got != "{}" {
			t.Fatalf("%q: %q %v", data, got, err)
		}
	})
}
