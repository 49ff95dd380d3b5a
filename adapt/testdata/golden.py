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
print(json.dumps(out))
