// Package peer is what peers say they saw: requests, recommendations, guests.
package peer
