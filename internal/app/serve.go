package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/background"
)

type serveCmd struct {
	ServeConfig
}

// Run implements the command.
func (c *serveCmd) Run(e *env) error {
	if err := c.check(e.cfg.BaseURL); err != nil {
		return misused("%w", err)
	}
	if err := asset.Complete(); err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	defer l.Close() //nolint:errcheck // closed by the server; again is harmless
	o := options{
		base: c.base(e.cfg, l.Addr()), about: e.cfg.about(), demo: c.Demo, migrate: c.Migrate, vcAPI: c.VCAPI || c.VCAPIOpen, vcOpen: c.VCAPIOpen,
		limits: e.cfg.limits(), mail: e.cfg.mail(), openid: e.cfg.openid(), log: e.log, settings: settingsShown(e.cfg, &c.ServeConfig),
	}
	name := "digiwork"
	if c.Demo {
		name = "demo"
		if o.about.Name == "" && o.about.Keeper == "" {
			o.about.Name, o.about.Keeper = "Pays d’Ysole", "Les Rives" // as invented as its people
		}
	}
	p := e.cfg.place(name)
	if c.Demo {
		if err := demoOnly(e.ctx, p); err != nil {
			return err
		}
	}
	a, err := New(e.ctx, p, o)
	if err != nil {
		return err
	}
	return errors.Join(a.serve(e, l, o, c), a.Close())
}

// memoryAim is what the collector works to stay under, in bytes: a soft bound.
const memoryAim = 224 << 20

// base is the address people type, without a slash at the end.
func (c *ServeConfig) base(cfg *Config, at net.Addr) string {
	if cfg.BaseURL != "" {
		return cfg.base()
	}
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	port := at.(*net.TCPAddr).Port
	return scheme + "://localhost:" + strconv.Itoa(port) // passkeys need a name, not an address
}

func (a *App) serve(e *env, l net.Listener, o options, c *serveCmd) error {
	site, err := a.Site(o, c.ServeConfig)
	if err != nil {
		return err
	}
	// Collect rarely while memory is plenty, often when it grows towards the bound.
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(memoryAim)
	ctx, stop := context.WithCancel(e.ctx)
	defer stop()
	bg := &background.Group{Log: a.Log}
	if a.demo {
		if err := a.fillDemo(ctx); err != nil {
			return err
		}
	}
	if err := a.Account.Resume(ctx); err != nil {
		return err
	}
	if err := a.Jobs.Start(ctx, bg); err != nil {
		return err
	}
	a.Live.Start(ctx, bg)
	bg.Every(ctx, "account.flush", 5*time.Minute, a.Account.Flush)
	if c.Metrics != "" {
		if err := a.serveMetrics(ctx, bg, c.Metrics); err != nil {
			return err
		}
	}
	s := &http.Server{
		Handler: site.Handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(a.Log.Handler(), slog.LevelDebug),
	}
	s.RegisterOnShutdown(a.Live.Close) // streams end at once: nobody waits for them
	if err := a.greet(e, l, o); err != nil {
		return err
	}
	failed := make(chan error, 1)
	bg.Go(ctx, "http", func(context.Context) error {
		if c.TLSCert != "" {
			s.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
			failed <- s.ServeTLS(l, c.TLSCert, c.TLSKey)
		} else {
			failed <- s.Serve(l)
		}
		return nil
	})
	select {
	case err = <-failed:
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.cfg.Grace)
		err = s.Shutdown(grace)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			err = s.Close()
		}
	}
	stop()
	bg.Wait()
	return errors.Join(err, a.Account.Flush(context.WithoutCancel(ctx)))
}

// greet says where the instance is, and how to come in.
func (a *App) greet(e *env, l net.Listener, o options) error {
	said := map[string]string{"listen": l.Addr().String(), "url": o.base}
	text := fmt.Sprintf("DigiWork %s listens on %s\nOpen %s\n", Version(), l.Addr(), o.base)
	if a.MadeKey != "" {
		said["key_file"] = a.MadeKey
		text += fmt.Sprintf("Made the instance key %s. Copy it now, elsewhere than your backups: without it nothing can be read.\n", a.MadeKey)
	}
	if a.demo {
		text += "Demonstration: invented people, one click to sign in. Nothing typed here lasts.\n"
	} else {
		path, err := a.Account.SetupLink(e.ctx)
		if err != nil {
			return err
		}
		if path != "" {
			said["setup_url"] = o.base + path
			text += fmt.Sprintf("Nobody lives here yet. The first person comes in by this link, once:\n%s%s\n", o.base, path)
		}
	}
	return e.say(said, "%s", strings.TrimSuffix(text, "\n"))
}

// removeIfThere removes a file; a missing one is fine.
func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
