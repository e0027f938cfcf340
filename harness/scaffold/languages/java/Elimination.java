/**
 * Gaussian elimination with partial pivoting: the program under test.
 *
 * Put your own program in place of this one. Where its class or methods have other names or
 * arguments, change the calls in Driver.java; a main of its own does no harm.
 *
 * A matrix is augmented: its last column is the right-hand side.
 */
public class Elimination {
    /** Turns the matrix into row echelon form. */
    static void gaussianElimination(double[][] a) {
        int rows = a.length;
        int unknowns = a[0].length - 1;
        int row = 0;

        for (int column = 0; column < unknowns && row < rows; column++) {
            int pivot = row;
            for (int i = row + 1; i < rows; i++) {
                if (Math.abs(a[i][column]) > Math.abs(a[pivot][column])) {
                    pivot = i;
                }
            }
            if (a[pivot][column] == 0) {
                continue;
            }
            double[] kept = a[row];
            a[row] = a[pivot];
            a[pivot] = kept;

            for (int i = row + 1; i < rows; i++) {
                double factor = a[i][column] / a[row][column];
                a[i][column] = 0;
                subtract(a[i], factor, a[row], column + 1);
            }
            row++;
        }
        if (row < Math.min(rows, unknowns)) {
            System.out.println("The matrix is singular.");
        }
    }

    /** Turns a matrix in row echelon form into reduced row echelon form. */
    static void gaussJordan(double[][] a) {
        int unknowns = a[0].length - 1;

        for (int row = a.length - 1; row >= 0; row--) {
            int column = 0;
            while (column < unknowns && a[row][column] == 0) {
                column++;
            }
            if (column == unknowns) {
                continue;
            }
            double pivot = a[row][column];
            for (int j = column; j <= unknowns; j++) {
                a[row][j] /= pivot;
            }
            for (int i = 0; i < row; i++) {
                double factor = a[i][column];
                a[i][column] = 0;
                subtract(a[i], factor, a[row], column + 1);
            }
        }
    }

    /**
     * Solves a system in row echelon form.
     *
     * @throws ArithmeticException where there is not exactly one solution
     */
    static double[] backSubstitution(double[][] a) {
        int unknowns = a[0].length - 1;
        if (!hasOneSolution(a)) {
            throw new ArithmeticException("there is not exactly one solution");
        }
        double[] x = new double[unknowns];
        for (int i = unknowns - 1; i >= 0; i--) {
            double sum = a[i][unknowns];
            for (int j = i + 1; j < unknowns; j++) {
                sum -= a[i][j] * x[j];
            }
            x[i] = sum / a[i][i];
        }
        return x;
    }

    private static boolean hasOneSolution(double[][] a) {
        int unknowns = a[0].length - 1;
        if (a.length < unknowns) {
            return false;
        }
        for (int i = 0; i < a.length; i++) {
            if (i < unknowns ? a[i][i] == 0 : a[i][unknowns] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Subtracts a multiple of another row from `row`, from the column `first` on. */
    private static void subtract(double[] row, double factor, double[] other, int first) {
        for (int j = first; j < row.length; j++) {
            row[j] -= factor * other[j];
        }
    }
}
