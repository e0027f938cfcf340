// Linear equations as in a competition: everything is global, and main solves many systems.
#include <bits/stdc++.h>
using namespace std;

typedef vector<vector<double>> Mat;
const double EPS = 1e-9;
const int INF = 2;

// Returns the number of solutions: 0, 1 or INF.
int gauss(Mat a, vector<double>& ans) {
    int n = (int)a.size(), m = (int)a[0].size() - 1;
    vector<int> where(m, -1);
    for (int col = 0, row = 0; col < m && row < n; ++col) {
        int sel = row;
        for (int i = row; i < n; ++i)
            if (abs(a[i][col]) > abs(a[sel][col])) sel = i;
        if (abs(a[sel][col]) < EPS) continue;
        swap(a[sel], a[row]);
        where[col] = row;
        for (int i = 0; i < n; ++i)
            if (i != row) {
                double c = a[i][col] / a[row][col];
                for (int j = col; j <= m; ++j) a[i][j] -= a[row][j] * c;
            }
        ++row;
    }
    ans.assign(m, 0);
    for (int i = 0; i < m; ++i)
        if (where[i] != -1) ans[i] = a[where[i]][m] / a[where[i]][i];
    for (int i = 0; i < n; ++i) {
        double sum = 0;
        for (int j = 0; j < m; ++j) sum += ans[j] * a[i][j];
        if (abs(sum - a[i][m]) > EPS) return 0;
    }
    for (int i = 0; i < m; ++i)
        if (where[i] == -1) return INF;
    return 1;
}

// Returns an empty matrix for a singular one.
Mat invert(Mat a) {
    int n = a.size();
    Mat result(n, vector<double>(n));
    for (int j = 0; j < n; ++j) {
        Mat m = a;
        for (int i = 0; i < n; ++i) m[i].push_back(i == j);
        vector<double> x;
        if (gauss(m, x) != 1) return {};
        for (int i = 0; i < n; ++i) result[i][j] = x[i];
    }
    return result;
}

// Throws for a singular matrix.
double det(Mat a) {
    double d = 1;
    int n = a.size();
    for (int k = 0; k < n; ++k) {
        int p = k;
        for (int i = k; i < n; ++i)
            if (abs(a[i][k]) > abs(a[p][k])) p = i;
        if (abs(a[p][k]) < EPS) throw "The matrix is singular!";
        if (p != k) swap(a[p], a[k]), d = -d;
        d *= a[k][k];
        for (int i = k + 1; i < n; ++i)
            for (int j = n - 1; j >= k; --j) a[i][j] -= a[k][j] * a[i][k] / a[k][k];
    }
    return d;
}

int main() {
    int t;
    cin >> t;
    if (!cin) exit(1);
}
