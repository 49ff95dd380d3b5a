package reports

// An Estimate is a value with its 95% interval over n images or pairs.
type Estimate struct {
	Value    float64    `json:"value"`
	Interval [2]float64 `json:"interval"`
	N        int        `json:"n"`
}

// A Translation is how well translated images match exact renders.
type Translation struct {
	Direction string `json:"direction"` // "a->b", "b->a", "removal-a", "removal-b", "union"
	Pairs     int    `json:"pairs"`
	// L1 is over the pixels that should change, in [-1, 1] units; Ratio divides it
	// by the L1 of leaving the content image as it is.
	L1    float64 `json:"l1"`
	Ratio float64 `json:"ratio"`
	// Guide is the share of comparisons in which the right guide's render is nearer
	// to the output than another guide's; nil where there is no guide.
	Guide *float64 `json:"guide,omitempty"`
	// Unguided says that the model takes no guide: the score compares what it makes of the content
	// alone with what the guide would have given.
	Unguided bool `json:"unguided,omitempty"`
}

// A Reconstruction is how well held-out images of a domain come back out of their own
// codes, means over images.
type Reconstruction struct {
	Domain string    `json:"domain"` // "a", "b"
	L1     Estimate  `json:"l1"`     // in [-1, 1] units
	PSNR   Estimate  `json:"psnr"`   // dB
	SSIM   *Estimate `json:"ssim,omitempty"`
}

// Faces are translations scored by judges: networks that were trained on real images to
// read attributes off any image.
type Faces struct {
	// Own are the expressions of what only a and only b have.
	Own    [2]string         `json:"own"`
	Judged []JudgedAttribute `json:"judged"`
	// Agreement is the share of held-out real images on which the attribute judge and one
	// of another seed say the same of what each domain has of its own.
	Agreement Estimate `json:"agreement"`
	// Changed is the share of pixels that belong to what the domains have of their own;
	// L1 is over the others.
	Changed float64 `json:"changed"`
	Rows    []Face  `json:"rows"`
}

// A JudgedAttribute is how well a judge reads one attribute off held-out real images.
type JudgedAttribute struct {
	Judge     string   `json:"judge"` // "attribute", "second attribute", "content"
	Attribute string   `json:"attribute"`
	Share     float64  `json:"share"` // of images that have it
	Accuracy  Estimate `json:"accuracy"`
	Balanced  float64  `json:"balanced"`
}

// The systems beside the model: what giving the content image, or the guide, for the output
// would score, and what judges see in the real images of a domain, as they are and decoded
// from their own codes.
const (
	CopyContent     = "copy of the content"
	CopyGuide       = "copy of the guide"
	RealImages      = "real images"
	Reconstructions = "reconstructions"
)

// A Face is one system's translations in one direction, or untranslated images of a domain.
// The target is what the guide's domain has of its own, the source what the content's
// has. A score that a row cannot have is nil.
type Face struct {
	System    string `json:"system"`    // the method, or one of the above
	Direction string `json:"direction"` // "a->b", ..., or the domain of untranslated images
	Images    int    `json:"images"`    // outputs, one a pair of content and guide
	Contents  int    `json:"contents"`  // distinct ones among the pairs
	Guides    int    `json:"guides"`
	// Unguided says that the system takes no guide: what it makes of the content alone is compared with
	// one.
	Unguided bool `json:"unguided,omitempty"`

	Target *Estimate `json:"target,omitempty"` // share of outputs in which it is seen
	Source *Estimate `json:"source,omitempty"`
	Wanted *Estimate `json:"wanted,omitempty"` // share with both as the direction wants them
	// Agreement is the share on which a judge of another seed says the same of both.
	Agreement *Estimate `json:"agreement,omitempty"`

	Content      *Estimate `json:"content,omitempty"`      // cosine of the content judge's embedding with the content image's
	Preservation *Estimate `json:"preservation,omitempty"` // share of the content judge's attributes that change
	Outside      *Estimate `json:"outside,omitempty"`      // L1 to the content image over pixels that should not change
	Guide        *Estimate `json:"guide,omitempty"`        // share of other guides that are less like the output than its own
	Frechet      *Estimate `json:"frechet,omitempty"`      // to the reference images, in the attribute judge's embedding
	KID          *Estimate `json:"kid,omitempty"`
	References   int       `json:"references,omitempty"` // real images that the last two compare with
}
