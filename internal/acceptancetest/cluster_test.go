package acceptancetest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// cluster is a PostgreSQL server of the test's own, to be stopped as a test pleases.
type cluster struct {
	t    *testing.T
	bin  string
	dir  string
	port string
	as   *syscall.Credential // PostgreSQL refuses to run as root
}

// newCluster prepares a folder and a port; the caller fills the folder and starts it.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	if os.Getenv("TEST_POSTGRES_URL") == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("TEST_POSTGRES_URL is not set: run make test")
		}
		t.Skip("TEST_POSTGRES_URL is not set: run make test")
	}
	c := &cluster{t: t, bin: postgresPrograms(t), dir: filepath.Join(t.TempDir(), "data")}
	if err := os.Mkdir(c.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		who, err := user.Lookup("postgres")
		if err != nil {
			t.Fatal(err)
		}
		uid, gid := number(t, who.Uid), number(t, who.Gid)
		c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)} //nolint:gosec // from the machine's own list
		for _, dir := range []string{filepath.Dir(c.dir), c.dir} {
			if err := os.Chown(dir, uid, gid); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(filepath.Dir(filepath.Dir(c.dir)), 0o755); err != nil { //nolint:gosec // a test's own, to be crossed
			t.Fatal(err)
		}
	}
	_, c.port, _ = net.SplitHostPort(freePort(t)) //nolint:errcheck // it was made by net
	t.Cleanup(func() {
		if _, err := os.Stat(filepath.Join(c.dir, "postmaster.pid")); err == nil {
			c.stop()
		}
	})
	return c
}

func postgresPrograms(t *testing.T) string {
	t.Helper()
	if bin := os.Getenv("TEST_POSTGRES_BIN"); bin != "" {
		return bin
	}
	all, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(all) == 0 {
		path, err := exec.LookPath("pg_ctl")
		if err != nil {
			t.Fatal("PostgreSQL's server programs were not found: set TEST_POSTGRES_BIN")
		}
		return filepath.Dir(path)
	}
	return all[len(all)-1]
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// do runs one of PostgreSQL's programs. Its output goes to a file: a server that it
// leaves running would keep a pipe open.
func (c *cluster) do(program string, args ...string) {
	c.t.Helper()
	out, err := os.CreateTemp(c.t.TempDir(), program)
	if err != nil {
		c.t.Fatal(err)
	}
	defer out.Close()                                           //nolint:errcheck // only read
	cmd := exec.Command(filepath.Join(c.bin, program), args...) //nolint:gosec,noctx // PostgreSQL's own; also run after the test's context
	cmd.Dir, cmd.Stdout, cmd.Stderr = filepath.Dir(c.dir), out, out
	if c.as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	}
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name()) //nolint:errcheck // what matters failed already
		c.t.Fatalf("%s: %v\n%s", program, err, said)
	}
}

// init makes an empty server.
func (c *cluster) init() {
	c.t.Helper()
	c.do("initdb", "-D", c.dir, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	conf := fmt.Sprintf("\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '%s'\nfsync = off\nmax_connections = 60\nshared_buffers = 16MB\n", filepath.Dir(c.dir))
	f, err := os.OpenFile(filepath.Join(c.dir, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := f.WriteString(conf); err != nil {
		c.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		c.t.Fatal(err)
	}
}

// follow makes a standby of another cluster, which runs.
func (c *cluster) follow(first *cluster) {
	c.t.Helper()
	c.do("pg_basebackup", "-h", "127.0.0.1", "-p", first.port, "-U", "postgres", "-D", c.dir, "-R", "--checkpoint=fast", "--no-sync")
}

func (c *cluster) start() {
	c.t.Helper()
	c.do("pg_ctl", "-D", c.dir, "-w", "-t", "60", "-l", filepath.Join(filepath.Dir(c.dir), "server.log"), "-o", "-p "+c.port, "start")
}

// stop is a crash: what was not durable is lost, nobody is told.
func (c *cluster) stop() {
	c.t.Helper()
	c.do("pg_ctl", "-D", c.dir, "-m", "immediate", "-w", "stop")
}

func (c *cluster) promote() {
	c.t.Helper()
	c.do("pg_ctl", "-D", c.dir, "-w", "promote")
}

// address names one or several clusters; the program is to find the one that writes.
func address(all ...*cluster) string {
	var hosts []string
	for _, c := range all {
		hosts = append(hosts, "127.0.0.1:"+c.port)
	}
	return "postgres://postgres@" + strings.Join(hosts, ",") + "/postgres?sslmode=disable&target_session_attrs=read-write"
}
