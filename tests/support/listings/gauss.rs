//! Linear equations, with a main that solves one system. Its functions are private.
#![allow(clippy::needless_range_loop)]

use std::io::Read;

/// None for a singular matrix.
fn gauss(a: &mut Vec<Vec<f64>>, b: &mut Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for k in 0..n {
        let p = (k..n).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs()))?;
        if a[p][k].abs() < 1e-12 {
            return None;
        }
        a.swap(k, p);
        b.swap(k, p);
        for i in 0..n {
            if i != k {
                let f = a[i][k] / a[k][k];
                for j in k..n {
                    a[i][j] -= f * a[k][j];
                }
                b[i] -= f * b[k];
            }
        }
    }
    Some((0..n).map(|k| b[k] / a[k][k]).collect())
}

/// An empty vector for a singular matrix.
fn invert(a: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = a.len();
    let mut result = vec![vec![0.0; n]; n];
    for j in 0..n {
        let mut e = vec![0.0; n];
        e[j] = 1.0;
        match gauss(&mut a.to_vec(), &mut e) {
            None => return vec![],
            Some(x) => {
                for i in 0..n {
                    result[i][j] = x[i];
                }
            }
        }
    }
    result
}

/// Panics for a singular matrix.
fn det(mut a: Vec<Vec<f64>>) -> f64 {
    let (n, mut d) = (a.len(), 1.0);
    for k in 0..n {
        let p = (k..n).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs())).unwrap();
        assert!(a[p][k].abs() >= 1e-12, "The matrix is singular!");
        if p != k {
            a.swap(p, k);
            d = -d;
        }
        d *= a[k][k];
        for i in k + 1..n {
            let f = a[i][k] / a[k][k];
            for j in k..n {
                a[i][j] -= f * a[k][j];
            }
        }
    }
    d
}

pub fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    println!("{:?}", gauss(&mut vec![vec![2.0]], &mut vec![text.len() as f64]));
}
