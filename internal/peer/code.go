package peer

import (
	"crypto/rand"
	"fmt"
	"math/big"
)

// newCode is eight digits, in two groups for whoever copies them.
func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(codeSpace))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%08d", n), nil
}
