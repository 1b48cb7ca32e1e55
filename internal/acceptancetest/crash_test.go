package acceptancetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// kill -9 in the middle of a thousand writes loses none that was acknowledged, and
// what is repeated with the same key is not done twice.
func TestAKilledServerLosesNoAcknowledgedWrite(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		s := in.serve()
		const writes, killAt = 1000, 400
		var acknowledged sync.Map // number to id
		var done atomic.Int64
		next := make(chan int)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for i := range next {
					var a made
					code, text, err := s.try("POST", "/api/v1/activities", token, activity(fmt.Sprintf("write %d", i)), "Idempotency-Key", fmt.Sprint("k", i))
					if err != nil {
						continue // the server is dead: nothing was promised
					}
					if code != 201 {
						t.Errorf("write %d = %d %s", i, code, text)
						continue
					}
					if err := decode(text, &a); err != nil {
						t.Error(err)
					}
					acknowledged.Store(i, a.ID)
					if done.Add(1) == killAt {
						s.kill9()
					}
				}
			})
		}
		for i := range writes {
			next <- i
		}
		close(next)
		wg.Wait()
		if n := done.Load(); n < killAt {
			t.Fatalf("only %d writes were acknowledged before the end", n)
		}
		s.kill()
		again := in.serve()
		n := 0
		acknowledged.Range(func(i, id any) bool {
			n++
			again.must(200, nil, "GET", "/api/v1/activities/"+id.(string), token, nil)
			if n <= 20 { // the same request again gives the same outcome
				var a made
				again.must(201, &a, "POST", "/api/v1/activities", token, activity(fmt.Sprintf("write %d", i)), "Idempotency-Key", fmt.Sprint("k", i))
				if a.ID != id {
					t.Errorf("write %d repeated gives %s, not %s", i, a.ID, id)
				}
			}
			return true
		})
		total := 0
		for cursor := ""; ; {
			var page struct {
				Items []made
				Next  string
			}
			again.must(200, &page, "GET", "/api/v1/activities?limit=200&cursor="+cursor, token, nil)
			total += len(page.Items)
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if total < n || total > writes {
			t.Errorf("%d activities are there, %d were acknowledged", total, n)
		}
		if out, _ := in.run(0, "doctor"); out == "" {
			t.Error("doctor said nothing")
		}
	})
}
