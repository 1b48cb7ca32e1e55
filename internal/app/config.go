package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/instance"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/openid"

	"github.com/alecthomas/kong"
)

// Config is every setting of the program: one flag, one variable, one line of
// help, one default each. docs/settings.md is made from it.
type Config struct {
	Database string        `help:"SQLite file, or postgres:// address. Default: digiwork.db in the data folder." env:"DIGIWORK_DATABASE" placeholder:"PATH"`
	Data     string        `help:"Folder of the database and the instance keys. Default: the folder of the database, or data." env:"DIGIWORK_DATA" placeholder:"DIR"`
	JSON     bool          `name:"json" help:"Print one JSON document instead of words."`
	Grace    time.Duration `help:"Time left to requests under way when stopping." default:"10s" env:"DIGIWORK_GRACE"`
	LogLevel slog.Level    `help:"What the log says: debug, info, warn or error." default:"info" env:"DIGIWORK_LOG_LEVEL"`

	BaseURL string `name:"base-url" help:"Address people type, also in links the commands print. Needed to listen on anything but loopback; passkeys and secure cookies depend on it." env:"DIGIWORK_BASE_URL" placeholder:"URL"`

	InstanceName string `help:"Name of the instance, in its keeper's words." env:"DIGIWORK_INSTANCE_NAME" placeholder:"TEXT"`
	Keeper       string `help:"Who keeps the instance, and how to reach them." env:"DIGIWORK_KEEPER" placeholder:"TEXT"`

	Contact string `help:"Where its people write to: a mail address, or an https address." env:"DIGIWORK_CONTACT" placeholder:"ADDRESS"`
	Place   string `help:"Where the machine stands and who hosts it, for the legal notice." env:"DIGIWORK_PLACE" placeholder:"TEXT"`
	Source  string `help:"Where the source of this program is, as its licence asks of who changes it." env:"DIGIWORK_SOURCE" placeholder:"URL"`

	OIDCIssuer     string `name:"oidc-issuer" help:"OpenID Connect provider that vouches for people: its https address. Without it, nobody else does." env:"DIGIWORK_OIDC_ISSUER" placeholder:"URL"`
	OIDCClient     string `name:"oidc-client" help:"Name under which that provider knows this instance." env:"DIGIWORK_OIDC_CLIENT" placeholder:"ID"`
	OIDCSecretFile string `name:"oidc-secret-file" help:"File that holds the secret shared with that provider." env:"DIGIWORK_OIDC_SECRET_FILE" placeholder:"FILE"`
	OIDCName       string `name:"oidc-name" help:"What people call that provider." env:"DIGIWORK_OIDC_NAME" placeholder:"TEXT"`

	PersonItems int64 `help:"Items one person may keep." default:"50000" env:"DIGIWORK_PERSON_ITEMS"`
	PersonBytes int64 `help:"Bytes one person may keep, history and files included." default:"2147483648" env:"DIGIWORK_PERSON_BYTES"`

	MailHost         string   `help:"SMTP server. Without it, links are shown to copy." env:"DIGIWORK_MAIL_HOST" placeholder:"HOST"`
	MailPort         int      `help:"Port of the SMTP server; 0 chooses by --mail-tls." default:"0" env:"DIGIWORK_MAIL_PORT"`
	MailFrom         string   `help:"Address mails come from." env:"DIGIWORK_MAIL_FROM" placeholder:"ADDRESS"`
	MailUser         string   `help:"Name to sign in to the SMTP server with." env:"DIGIWORK_MAIL_USER" placeholder:"NAME"`
	MailPasswordFile string   `help:"File that holds the password of the SMTP server." env:"DIGIWORK_MAIL_PASSWORD_FILE" placeholder:"FILE"`
	MailTLS          mail.TLS `name:"mail-tls" help:"How mail is protected on its way: starttls, tls or none." default:"starttls" env:"DIGIWORK_MAIL_TLS"`
}

// Validate is called once all values are in.
func (c *Config) Validate() error {
	if db.IsPostgres(c.Database) {
		if _, err := url.Parse(c.Database); err != nil {
			return errors.New("--database: the address of PostgreSQL is postgres://user@host:port/name")
		}
	}
	if c.PersonItems < 1 || c.PersonBytes < 1 {
		return errors.New("--person-items and --person-bytes are at least 1")
	}
	if c.BaseURL != "" {
		u, err := url.Parse(c.BaseURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			return errors.New("--base-url: an address such as https://digiwork.example, without a path")
		}
	}
	if c.Contact != "" && !webAddress(c.Contact) {
		if a, err := netmail.ParseAddress(c.Contact); err != nil || a.Address != c.Contact {
			return errors.New("--contact: a mail address such as people@digiwork.example, or an address that begins with https://")
		}
	}
	if c.Source != "" && !webAddress(c.Source) {
		return errors.New("--source: an address that begins with https://")
	}
	if p := c.openid(); p != (openid.Settings{}) && (!webAddress(p.Issuer) || p.Client == "" || p.SecretFile == "" || p.Name == "") {
		return errors.New("--oidc-issuer, an address that begins with https://, --oidc-client, --oidc-secret-file and --oidc-name go together")
	}
	switch c.MailTLS {
	case mail.STARTTLS, mail.Implicit, mail.Plain:
	default: // also without a host: a misspelt setting must not wait for the day mail is set up
		return fmt.Errorf("--mail-tls is %s, %s or %s, not %q", mail.STARTTLS, mail.Implicit, mail.Plain, c.MailTLS)
	}
	return c.mail().Validate()
}

// openid is the provider that vouches for people, or none.
func (c *Config) openid() openid.Settings {
	return openid.Settings{Issuer: c.OIDCIssuer, Client: c.OIDCClient, SecretFile: c.OIDCSecretFile, Name: c.OIDCName}
}

// webAddress reports whether text is an address a page may lead to.
func webAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != ""
}

// about is what the keeper says of the instance.
func (c *Config) about() instance.About {
	return instance.About{Name: c.InstanceName, Keeper: c.Keeper, Contact: c.Contact, Place: c.Place, Source: c.Source}
}

func (c *Config) mail() mail.Settings {
	return mail.Settings{Host: c.MailHost, Port: c.MailPort, From: c.MailFrom, User: c.MailUser, PasswordFile: c.MailPasswordFile, TLS: c.MailTLS}
}

func (c *Config) limits() gate.Limits {
	return gate.Limits{Items: c.PersonItems, Bytes: c.PersonBytes}
}

// base is the address commands print links with, without a slash at the end.
func (c *Config) base() string {
	if c.BaseURL != "" {
		return strings.TrimSuffix(c.BaseURL, "/")
	}
	return "http://localhost:8080"
}

// place is where an instance lives.
type place struct {
	database string // file or address
	dir      string // of keys and backups
	key      string // the file of instance keys
}

// place decides where the instance lives; name is its name in the data folder.
func (c *Config) place(name string) place {
	p := place{database: c.Database, dir: c.Data}
	if p.dir == "" {
		p.dir = "data"
		if c.Database != "" && !db.IsPostgres(c.Database) {
			p.dir = filepath.Dir(c.Database)
		}
	}
	if p.database == "" {
		p.database = filepath.Join(p.dir, name+".db")
	}
	p.key = filepath.Join(p.dir, "instance.key")
	if name == "demo" {
		p.key = filepath.Join(p.dir, "demo.key")
	}
	return p
}

// ServeConfig is what concerns serving alone.
type ServeConfig struct {
	Listen       string   `help:"Address to serve on; port 0 chooses a free one and prints it." default:"127.0.0.1:8080" env:"DIGIWORK_LISTEN"`
	Demo         bool     `help:"Serve the demonstration: invented people, its own database and keys." env:"DIGIWORK_DEMO"`
	DemoPublic   bool     `help:"Let the demonstration listen on an address that is not loopback." env:"DIGIWORK_DEMO_PUBLIC"`
	Migrate      bool     `help:"Upgrade a PostgreSQL database at start." env:"DIGIWORK_MIGRATE"`
	TLSCert      string   `name:"tls-cert" help:"Certificate file, to serve https directly." env:"DIGIWORK_TLS_CERT" placeholder:"FILE"`
	TLSKey       string   `name:"tls-key" help:"Key file of the certificate." env:"DIGIWORK_TLS_KEY" placeholder:"FILE"`
	TrustedProxy []string `help:"Networks whose X-Forwarded-For counts, such as 10.0.0.0/8." env:"DIGIWORK_TRUSTED_PROXY" placeholder:"CIDR"`
	VCAPI        bool     `name:"vc-api" help:"Open the endpoints of the W3C VC API to tokens with the scope vc-api." env:"DIGIWORK_VC_API"`
	VCAPIOpen    bool     `name:"vc-api-open" help:"Open them without a token, for conformance runs; every address listened on must be loopback." env:"DIGIWORK_VC_API_OPEN"`
	Metrics      string   `help:"Loopback address of the metrics, such as 127.0.0.1:9090. Empty: none." env:"DIGIWORK_METRICS" placeholder:"ADDR"`
}

// check is called before anything is opened.
func (c *ServeConfig) check(base string) error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("--listen: an address is HOST:PORT, such as 127.0.0.1:8080: %w", err)
	}
	if !loopback(host) && base == "" {
		return errors.New("--listen: this address is reached from elsewhere; say with --base-url which address people will type")
	}
	if c.Demo && !c.DemoPublic && !loopback(host) {
		return errors.New("--demo: anybody could sign in as its people; listen on 127.0.0.1, or add --demo-public")
	}
	if c.VCAPIOpen && !loopback(host) {
		return errors.New("--vc-api-open: anybody could sign in the name of the instance; listen on 127.0.0.1, or use --vc-api with tokens")
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key go together")
	}
	if c.Metrics != "" {
		host, _, err := net.SplitHostPort(c.Metrics)
		if err != nil || !loopback(host) {
			return errors.New("--metrics: a loopback address such as 127.0.0.1:9090")
		}
	}
	_, err = c.proxies()
	return err
}

func (c *ServeConfig) proxies() ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range c.TrustedProxy {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxy: a network is written 10.0.0.0/8: %w", err)
		}
		all = append(all, p)
	}
	return all, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// unknownVariables lists what looks like a setting of ours and is none: a
// misspelt variable stops the start, it is not ignored.
func unknownVariables(environ []string, m *kong.Application) error {
	known := map[string]bool{"DIGIWORK_TEST_DATA": true}
	for _, n := range append(m.Leaves(false), m.Node) {
		for _, group := range n.AllFlags(false) {
			for _, f := range group {
				for _, e := range f.Envs {
					known[e] = true
				}
			}
		}
	}
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "DIGIWORK_") && !known[name] {
			return fmt.Errorf("%s is not a setting; docs/settings.md lists them", name)
		}
	}
	return nil
}

// exists reports whether a file is there.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
