package ijson_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"
	"pgregory.net/rapid"

	"digiwork/internal/lib/ijson"
)

func TestWhatTwoReadersMayUnderstandDifferentlyIsRefused(t *testing.T) {
	for _, c := range []struct {
		bad  string
		kind error
		good string // the twin that is read
	}{
		{`{"a":1,"a":2}`, ijson.ErrUnsafe, `{"a":1,"b":2}`},
		{`{"a":1,"\u0061":2}`, ijson.ErrUnsafe, `{"a":1,"\u0062":2}`},
		{"\"\xff\"", ijson.ErrUnsafe, "\"\u00ff\""},
		{"\"a\\n\xff\"", ijson.ErrUnsafe, "\"a\\n\u00ff\""},
		{`"\ud800"`, ijson.ErrUnsafe, `"\ud7ff"`},
		{`"\ud800\u0041"`, ijson.ErrUnsafe, `"\ud800\udc41"`},
		{`"\udc00"`, ijson.ErrUnsafe, `"\ue000"`},
		{`9007199254740992`, ijson.ErrUnsafe, `9007199254740991`},
		{`-9007199254740993`, ijson.ErrUnsafe, `-9007199254740991`},
		{`1e400`, ijson.ErrUnsafe, `1e300`},
		{`[1,]`, ijson.ErrSyntax, `[1]`},
		{`{"a":1,}`, ijson.ErrSyntax, `{"a":1}`},
		{`{"a" 1}`, ijson.ErrSyntax, `{"a":1}`},
		{`{a:1}`, ijson.ErrSyntax, `{"a":1}`},
		{`[1 2]`, ijson.ErrSyntax, `[1,2]`},
		{`01`, ijson.ErrSyntax, `1`},
		{`-`, ijson.ErrSyntax, `-0`},
		{`1.`, ijson.ErrSyntax, `1.0`},
		{`1e`, ijson.ErrSyntax, `1e1`},
		{`+1`, ijson.ErrSyntax, `1`},
		{`"\x41"`, ijson.ErrSyntax, `"\u0041"`},
		{`"\u00g1"`, ijson.ErrSyntax, `"\u00f1"`},
		{`"\u00`, ijson.ErrSyntax, `"\u0000"`},
		{`"\`, ijson.ErrSyntax, `"\\"`},
		{"\"a\tb\"", ijson.ErrSyntax, `"a\tb"`},
		{"\"\\n\t\"", ijson.ErrSyntax, `"\n\t"`},
		{`"abc`, ijson.ErrSyntax, `"abc"`},
		{`tru`, ijson.ErrSyntax, `true`},
		{`nul`, ijson.ErrSyntax, `null`},
		{`{} // comment`, ijson.ErrSyntax, `{} `},
		{``, ijson.ErrSyntax, `0`},
		{`{"a":`, ijson.ErrSyntax, `{"a":0}`},
		{`{`, ijson.ErrSyntax, `{}`},
		{`[`, ijson.ErrSyntax, `[]`},
		{`@`, ijson.ErrSyntax, `""`},
		{"\ufeff{}", ijson.ErrSyntax, `{}`},
	} {
		if _, err := ijson.Decode([]byte(c.bad), ijson.Limits{}); !errors.Is(err, c.kind) {
			t.Errorf("%q: %v, want %v", c.bad, err, c.kind)
		}
		got, err := ijson.Decode([]byte(c.good), ijson.Limits{})
		if err != nil {
			t.Errorf("%q: %v", c.good, err)
			continue
		}
		var want any
		if err := json.Unmarshal([]byte(c.good), &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q = %#v, want %#v", c.good, got, want)
		}
	}
}

func TestLimitsHold(t *testing.T) {
	limits := ijson.Limits{Bytes: 40, Depth: 3, Values: 6}
	for bad, good := range map[string]string{
		`[[[[]]]]`:                          `[[[]]]`,
		`{"a":{"b":{"c":{}}}}`:              `{"a":{"b":{}}}`,
		`[1,2,3,4,5,6]`:                     `[1,2,3,4,5]`,
		`{"a":1,"b":2,"c":3}`:               `{"a":1,"b":2}`,
		`"` + strings.Repeat("a", 39) + `"`: `"` + strings.Repeat("a", 38) + `"`,
	} {
		if _, err := ijson.Decode([]byte(bad), limits); !errors.Is(err, ijson.ErrLimit) {
			t.Errorf("%s: %v", bad, err)
		}
		if _, err := ijson.Decode([]byte(good), limits); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	// Depth counts what is inside each other, not what stands side by side.
	if _, err := ijson.Decode([]byte(`[[],[],[],{}]`), ijson.Limits{Depth: 2}); err != nil {
		t.Error(err)
	}
}

func TestAnErrorSaysWhere(t *testing.T) {
	_, err := ijson.Object([]byte(`{"a":1,"a":2}`), ijson.Limits{})
	e, ok := errors.AsType[*ijson.Error](err)
	if !ok || e.Offset != 12 || !strings.Contains(err.Error(), `"a" stands twice`) {
		t.Errorf("got %v", err)
	}
	if _, err := ijson.Object([]byte(`[]`), ijson.Limits{}); !errors.Is(err, ijson.ErrSyntax) {
		t.Errorf("an array as object: %v", err)
	}
}

// The example of RFC 8785, 3.2.2 and 3.2.3.
func TestCanonicalFormOfTheRFC(t *testing.T) {
	in := `{
		"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
		"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
		"literals": [null, true, false]
	}`
	want := `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
		`"string":"€$\u000f\nA'B\"\\\\\"/"}`
	check(t, in, want)
	check(t, `{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",`+
		`"1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
		"{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\","+
			"\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}")
	check(t, `"\b\f\n\r\t\u0000\u001f\u007f"`, "\"\\b\\f\\n\\r\\t\\u0000\\u001f\u007f\"")
}

func check(t *testing.T, in, want string) {
	t.Helper()
	v, err := ijson.Decode([]byte(in), ijson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := ijson.Canonical(v)
	if err != nil || string(got) != want {
		t.Errorf("got  %s (%v)\nwant %s", got, err, want)
	}
}

// RFC 8785, appendix B.
func TestNumbersOfTheRFC(t *testing.T) {
	for bits, want := range map[uint64]string{
		0x0000000000000000: "0",
		0x8000000000000000: "0",
		0x0000000000000001: "5e-324",
		0x8000000000000001: "-5e-324",
		0x7fefffffffffffff: "1.7976931348623157e+308",
		0xffefffffffffffff: "-1.7976931348623157e+308",
		0x4340000000000000: "9007199254740992",
		0xc340000000000000: "-9007199254740992",
		0x4430000000000000: "295147905179352830000",
		0x44b52d02c7e14af5: "9.999999999999997e+22",
		0x44b52d02c7e14af6: "1e+23",
		0x44b52d02c7e14af7: "1.0000000000000001e+23",
		0x444b1ae4d6e2ef4e: "999999999999999700000",
		0x444b1ae4d6e2ef4f: "999999999999999900000",
		0x444b1ae4d6e2ef50: "1e+21",
		0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7",
		0x3eb0c6f7a0b5ed8d: "0.000001",
		0x41b3de4355555553: "333333333.3333332",
		0x41b3de4355555554: "333333333.33333325",
		0x41b3de4355555555: "333333333.3333333",
		0x41b3de4355555556: "333333333.3333334",
		0x41b3de4355555557: "333333333.33333343",
		0xbecbf647612f3696: "-0.0000033333333333333333",
		0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		got, err := ijson.AppendNumber(nil, math.Float64frombits(bits))
		if err != nil || string(got) != want {
			t.Errorf("%x: got %s (%v), want %s", bits, got, err, want)
		}
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, err := ijson.AppendNumber(nil, bad); !errors.Is(err, ijson.ErrValue) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestWhatJSONCannotHoldIsRefused(t *testing.T) {
	loop := map[string]any{}
	loop["again"] = loop
	for _, bad := range []any{struct{}{}, 1, "\xff", []any{"\xff"}, map[string]any{"\xff": 1.0}, loop} {
		if _, err := ijson.Canonical(bad); !errors.Is(err, ijson.ErrValue) {
			t.Errorf("%T: %v", bad, err)
		}
	}
}

func TestACloneIsItsOwn(t *testing.T) {
	a := map[string]any{"x": []any{map[string]any{"y": 1.0}}}
	b := ijson.Clone(a).(map[string]any)
	b["x"].([]any)[0].(map[string]any)["y"] = 2.0
	if !reflect.DeepEqual(a, map[string]any{"x": []any{map[string]any{"y": 1.0}}}) {
		t.Errorf("the original changed: %v", a)
	}
}

func values() *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any { return draw(t, 4) })
}

func draw(t *rapid.T, depth int) any {
	kinds := 6
	if depth == 0 {
		kinds = 4
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return rapid.Bool().Draw(t, "bool")
	case 1:
		return rapid.String().Draw(t, "string")
	case 2:
		return float64(rapid.Int64Range(-1<<53+1, 1<<53-1).Draw(t, "whole"))
	case 3:
		return nil
	case 4:
		list := []any{}
		for range rapid.IntRange(0, 4).Draw(t, "length") {
			list = append(list, draw(t, depth-1))
		}
		return list
	default:
		m := map[string]any{}
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			m[rapid.String().Draw(t, "name")] = draw(t, depth-1)
		}
		return m
	}
}

func TestCanonicalFormIsReadBackUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := values().Draw(t, "value")
		text, err := ijson.Canonical(v)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ijson.Decode(text, ijson.Limits{})
		if err != nil || !reflect.DeepEqual(v, back) {
			t.Fatalf("%s: %v %v", text, back, err)
		}
		switch v.(type) {
		case map[string]any, []any: // the oracle takes nothing else
			want, err := jcs.Transform(text)
			if err != nil || string(want) != string(text) {
				t.Fatalf("got %s, another writer %s (%v)", text, want, err)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e3,"\u00e9\ud83d\ude00",null,true]}`, `"\ud800"`, `[[[[`, "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := ijson.Decode(text, ijson.Limits{})
		if err != nil {
			return
		}
		var want any
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatalf("we read %q, encoding/json does not: %v", text, err)
		}
		if !reflect.DeepEqual(v, want) {
			t.Fatalf("%q: %#v, encoding/json %#v", text, v, want)
		}
		if _, err := ijson.Canonical(v); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
