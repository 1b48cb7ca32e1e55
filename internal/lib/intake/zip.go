package intake

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
)

// budget is a ReaderAt that stops after a number of bytes; left < 0 is no limit.
// It bounds what a forged directory of an archive can make zip.NewReader build.
type budget struct {
	r    io.ReaderAt
	left int64
}

var errBudget = errors.New("archive directory too large")

func (b *budget) ReadAt(p []byte, off int64) (int, error) {
	if b.left >= 0 {
		if b.left -= int64(len(p)); b.left < 0 {
			b.left = 0
			return 0, errBudget
		}
	}
	return b.r.ReadAt(p, off)
}

// openZip lists an archive within the limits.
func openZip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	b := &budget{r, maxZipDirectory}
	z, err := zip.NewReader(b, size)
	switch {
	case errors.Is(err, errBudget):
		return nil, refuse("intake.zip.many", "max", maxZipFiles)
	case errors.Is(err, zip.ErrInsecurePath): // each name is judged by itself
	case err != nil:
		return nil, refuse("intake.zip.broken")
	}
	b.left = -1
	if len(z.File) > maxZipFiles {
		return nil, refuse("intake.zip.many", "max", maxZipFiles)
	}
	var packed, unpacked uint64
	for _, f := range z.File {
		packed += f.CompressedSize64
		unpacked += f.UncompressedSize64
		if f.UncompressedSize64 > zipRatioFloor && f.UncompressedSize64/max(f.CompressedSize64, 1) > maxZipRatio {
			return nil, refuse("intake.zip.bomb", "max", maxZipRatio)
		}
	}
	switch {
	case unpacked > maxUnzipped:
		return nil, refuse("intake.zip.large", "max", maxUnzipped>>20)
	case unpacked > zipRatioFloor && unpacked/max(packed, 1) > maxZipRatio:
		return nil, refuse("intake.zip.bomb", "max", maxZipRatio)
	}
	return z, nil
}

// unpack reads one file of an archive, at most limit bytes. cut is true when the
// file ends before its end or does not match its checksum: what came is given.
func unpack(f *zip.File, limit int64) (raw string, cut bool, err error) {
	if f.Flags&1 != 0 {
		return "", false, refuse("intake.zip.locked")
	}
	rc, err := f.Open()
	if err != nil {
		return "", false, refuse("intake.zip.broken")
	}
	defer rc.Close() //nolint:errcheck // nothing was written
	var b strings.Builder
	b.Grow(int(min(f.UncompressedSize64, uint64(limit)))) //nolint:gosec // at most limit
	n, err := io.Copy(&b, io.LimitReader(rc, limit+1))
	switch {
	case n > limit:
		return "", false, refuse("intake.too_large", "max", limit>>20)
	case err != nil && n == 0:
		return "", false, refuse("intake.zip.broken")
	}
	return b.String(), err != nil, nil
}

// zip reads an archive: a workbook, a musette, an export of LinkedIn, or a set of
// files of which each is read by itself.
func (s *sink) zip(name string, r io.ReaderAt, size int64) error {
	if s.archive {
		return refuse("intake.zip.nested")
	}
	z, err := openZip(r, size)
	if err != nil {
		return err
	}
	in := lowerNames(z)
	switch {
	case in["xl/workbook.xml"] != nil || in["_rels/.rels"] != nil && in["[content_types].xml"] != nil:
		return s.workbook(in)
	case in["word/document.xml"] != nil || in["mimetype"] != nil && in["content.xml"] != nil:
		return refuse("intake.other_office")
	case isMusette(z):
		s.rep.Format = FormatMusette
		return nil
	}
	s.archive = true
	if isLinkedIn(z) {
		s.rep.Format = FormatLinkedIn
	}
	if err := s.members(z); err != nil {
		return err
	}
	if s.rep.Format == FormatUnknown {
		s.rep.Format = FormatArchive
	}
	return nil
}

// lowerNames are the files by name, in lower case: programs do not agree on the
// case of the parts of a workbook. Of two of a name, the first counts.
func lowerNames(z *zip.Reader) map[string]*zip.File {
	in := make(map[string]*zip.File, len(z.File))
	for _, f := range z.File {
		if name := strings.ToLower(f.Name); in[name] == nil {
			in[name] = f
		}
	}
	return in
}

// isMusette reports whether an archive is a BagIt bag that holds a musette
// (RFC 8493, 2.1.1: bagit.txt at the top of the bag).
func isMusette(z *zip.Reader) bool {
	bag, musette := false, false
	for _, f := range z.File {
		switch path.Base(f.Name) {
		case "bagit.txt":
			bag = bag || strings.Count(f.Name, "/") <= 1
		case "musette.json":
			musette = true
		}
	}
	return bag && musette
}

// members reads the files of an archive, each once, none outside the archive.
func (s *sink) members(z *zip.Reader) error {
	seen := map[string]bool{}
	for _, f := range z.File {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		s.part = quote(f.Name)
		switch {
		case !safeName(f.Name):
			s.skip(Where{}, "intake.zip.unsafe_name")
		case f.Mode()&fs.ModeType != 0:
			s.skip(Where{}, "intake.zip.not_a_file")
		case seen[strings.ToLower(f.Name)]:
			s.skip(Where{}, "intake.zip.twice")
		case f.UncompressedSize64 == 0 || isDebris(f.Name):
		default:
			if err := s.member(f); err != nil {
				return err
			}
		}
		seen[strings.ToLower(f.Name)] = true
	}
	s.part = ""
	return nil
}

// member reads one file of an archive.
func (s *sink) member(f *zip.File) error {
	of := linkedInFile(f.Name)
	if s.rep.Format == FormatLinkedIn && of == nil {
		s.skip(Where{}, "intake.linkedin.not_used")
		return nil
	}
	raw, cut, err := unpack(f, MaxFile)
	if err == nil {
		if s.rep.Format == FormatLinkedIn {
			err = s.linkedInFile(raw, of)
		} else {
			format := s.rep.Format
			err = s.bytes(path.Base(f.Name), raw)
			if s.rep.Format != FormatPlatform {
				s.rep.Format = format
			}
		}
	}
	var no *refusal
	if errors.As(err, &no) {
		s.skip(no.where, no.note.Key, no.note.Args...)
		return nil
	}
	if err == nil && cut {
		s.skip(Where{}, "intake.truncated")
	}
	return err
}

// safeName refuses names that lead out of the archive (zip slip).
func safeName(name string) bool {
	return fs.ValidPath(name) && !strings.Contains(name, `\`)
}

// isDebris holds for what systems leave in archives.
func isDebris(name string) bool {
	return strings.HasPrefix(name, "__MACOSX/") || path.Base(name) == ".DS_Store" || path.Base(name) == "Thumbs.db"
}
