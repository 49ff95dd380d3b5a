package reports

// A Contrast is how well one code tells the subtypes of a domain, and how well it tells the domains
// apart, on held-out images.
type Contrast struct {
	Domain  string `json:"domain"`  // whose own the subtype is: "a" or "b"
	Subtype string `json:"subtype"` // the factor
	Levels  int    `json:"levels"`
	Code    string `json:"code"` // "separate" (the domain's own) or "common"
	// Probe is the balanced accuracy of logistic regression on the other folds of five, brought to 0
	// at chance; Accuracy its plain accuracy.
	Probe    Estimate `json:"probe"`
	Accuracy Estimate `json:"accuracy"`
	// Largest is the share of the largest subtype: what a guess without a look reaches in Accuracy.
	Largest float64 `json:"largest"`
	// AUC is that of a linear classifier of the domains on rows that it never saw.
	AUC float64 `json:"auc"`
	// ARI and NMI compare k-means with the subtypes, Silhouette takes the subtypes as clusters.
	ARI        float64 `json:"ari"`
	NMI        float64 `json:"nmi"`
	Silhouette float64 `json:"silhouette"`
}

// The codes of a Contrast.
const (
	ContrastSeparate = "separate"
	ContrastCommon   = "common"
)
