package intake

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"digiwork/internal/lib/bagit"
	"digiwork/internal/lib/zipsafe"
)

// listZip lists an archive within the limits.
func listZip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	z, err := zipsafe.List(r, size, zipsafe.Listing{Directory: maxZipDirectory, Files: maxBagFiles})
	switch {
	case errors.Is(err, zipsafe.ErrMany):
		return nil, refuse("intake.zip.many", "max", maxZipFiles)
	case err != nil:
		return nil, refuse("intake.zip.broken")
	}
	return z, nil
}

// checkZip refuses an archive that is no musette and beyond the limits.
func checkZip(z *zip.Reader, size int64) error {
	if size > MaxFile {
		return refuse("intake.too_large", "max", MaxFile>>20)
	}
	if len(z.File) > maxZipFiles {
		return refuse("intake.zip.many", "max", maxZipFiles)
	}
	err := zipsafe.Check(z, zipsafe.Unpacking{Bytes: maxUnzipped, Ratio: maxZipRatio, Floor: zipRatioFloor, Each: true})
	switch {
	case errors.Is(err, zipsafe.ErrLarge):
		return refuse("intake.zip.large", "max", maxUnzipped>>20)
	case err != nil:
		return refuse("intake.zip.bomb", "max", maxZipRatio)
	}
	return nil
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
	z, err := listZip(r, size)
	if err != nil {
		return err
	}
	if bagit.Is(z, "musette.json") { // its reader has limits of its own
		s.rep.Format = FormatMusette
		return nil
	}
	if err := checkZip(z, size); err != nil {
		return err
	}
	in := lowerNames(z)
	switch {
	case in["xl/workbook.xml"] != nil || in["_rels/.rels"] != nil && in["[content_types].xml"] != nil:
		return s.workbook(in)
	case in["word/document.xml"] != nil || in["mimetype"] != nil && in["content.xml"] != nil:
		return refuse("intake.other_office")
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
