#!/usr/bin/env python3
"""Writes golden.json: probabilities of scikit-learn's classifiers on small data.

Run: python3 golden.py > golden.json
"""
import json
import numpy as np
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC, LinearSVC

r = np.random.RandomState(3)
n, d, k = 60, 4, 3
y = np.arange(n) % k
x = r.randn(n, d) @ r.randn(d, d) + 1.5 * r.randn(k, d)[y]
q = r.randn(7, d) * 2
scale = lambda a: (a - x.mean(0)) / x.std(0)
lam = 0.01
out = {"about": "scikit-learn " + sklearn.__version__ + ", made by golden.py", "x": x.tolist(), "y": y.tolist(), "q": q.tolist(), "probabilities": {
    "logistic": LogisticRegression(C=1 / (n * lam), tol=1e-12, max_iter=100000).fit(scale(x), y).predict_proba(scale(q)).tolist(),
    "knn": KNeighborsClassifier(5).fit(x, y).predict_proba(q).tolist(),
    "lda": LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1).fit(x, y).predict_proba(q).tolist(),
}}
# Of overlapping classes, so that machines have errors; weights for every row.
w = 0.2 + r.rand(n)
xo = x + 2 * r.randn(n, d)
so = lambda a: (a - xo.mean(0)) / xo.std(0)
linear = LinearSVC(C=0.5, tol=1e-10, max_iter=10000000, random_state=0)
rbf = SVC(C=2.0, gamma=0.3, tol=1e-8, decision_function_shape="ovr", break_ties=True)
wn = w * n / w.sum()
out["overlapping"] = xo.tolist()
out["weights"] = w.tolist()
out["decisions"] = {
    "svm-linear": linear.fit(so(xo), y, sample_weight=wn).decision_function(so(q)).tolist(),
    "svm/linear": SVC(C=2.0, kernel="linear", tol=1e-8, decision_function_shape="ovr", break_ties=True).fit(so(xo), y, sample_weight=wn).decision_function(so(q)).tolist(),
    "svm": rbf.fit(so(xo), y, sample_weight=wn).decision_function(so(q)).tolist(),
}
lasso = LogisticRegression(C=1 / (n * 0.02), penalty="l1", solver="saga", tol=1e-12, max_iter=1000000)
ridge = LogisticRegression(C=1 / (n * lam), tol=1e-12, max_iter=100000)
means = np.stack([np.average(xo[y == c], axis=0, weights=w[y == c]) for c in range(k)])
var = (wn[:, None] * (xo - means[y]) ** 2).mean()
logits = -((q[:, None] - means) ** 2).sum(-1) / (2 * var)
near = np.argsort(((q[:, None] - xo) ** 2).sum(-1), axis=1)[:, :5]
out["weighted"] = {
    "logistic": ridge.fit(so(xo), y, sample_weight=wn).predict_proba(so(q)).tolist(),
    "logistic-l1": lasso.fit(so(xo), y, sample_weight=wn).predict_proba(so(q)).tolist(),
    "centroid": (np.exp(logits) / np.exp(logits).sum(1, keepdims=True)).tolist(),
    "knn": [[w[i][y[i] == c].sum() / w[i].sum() for c in range(k)] for i in near],
}
print(json.dumps(out))
