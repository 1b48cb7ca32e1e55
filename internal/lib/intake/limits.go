package intake

// Every bound of this package. They are chosen so that reading any file of
// MaxFile bytes stays well under 256 MiB of memory, and so that a long working
// life, an archive of 5,000 contacts or a sheet of 10,000 lines passes.
const (
	// MaxFile is the most bytes a file may have, also inside an archive.
	MaxFile = 25 << 20
	// MaxEntries is the most entries one file may give; the rest is refused by name.
	MaxEntries = 20_000
	// maxTries is the most lines or components looked at to find them.
	maxTries = 5 * MaxEntries
	// maxNotes is the most skips, and the most warnings, listed one by one.
	maxNotes = 20_000

	maxZipDirectory = 8 << 20  // bytes read to list an archive
	maxBagFiles     = 60_000   // files in an archive before it is known to be no musette
	maxZipFiles     = 2_000    // files in an archive that is no musette
	maxUnzipped     = 64 << 20 // bytes of an archive once unpacked
	maxZipRatio     = 200      // unpacked for one packed byte…
	zipRatioFloor   = 8 << 20  // …counted from this unpacked size on

	maxJSONDepth  = 64      // arrays and objects within one another
	maxJSONValues = 500_000 // values in one document

	maxXMLDepth = 100
	maxXMLNodes = 200_000

	maxColumns       = 256     // cells in a line
	maxCellBytes     = 100_000 // bytes in a cell of a table
	maxQuotedLines   = 2_000   // lines one quoted cell may run over
	maxHeaderSearch  = 15      // lines looked at to find the column names
	maxSheets        = 50      // sheets in a workbook
	maxSheetCells    = 2_000_000
	maxSharedStrings = 200_000 // texts shared by the cells of a workbook
	maxStyles        = 65_000  // cell formats of a workbook

	maxFoldedLine = 1 << 20 // bytes of one unfolded line of a calendar or a card
	maxCredential = 1 << 20 // bytes of a badge baked into a picture

	maxTitle  = 200    // characters of a title; a longer one stands whole in the narrative
	maxLine   = 300    // characters of another line
	maxWord   = 200    // characters of a tool, a method, a tag
	maxStatus = 80     // characters of a status
	maxText   = 20_000 // characters of a narrative
	maxList   = 50     // tools, methods, tags of one entry
	maxFacts  = 50
	maxQuote  = 80 // characters of what could not be read, repeated in a note
)
