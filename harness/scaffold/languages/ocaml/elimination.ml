(* Linear equations by elimination with partial pivoting: the program under test.

   Put your own program in place of this one. Where its functions have other names or arguments,
   change the calls in driver.ml.

   A matrix is an array of rows. An augmented one has the right-hand sides in its last columns. *)

(* Subtracts [factor] times [other] from [row], from the column [first] on. *)
let subtract row factor other first =
  for j = first to Array.length row - 1 do
    row.(j) <- row.(j) -. (factor *. other.(j))
  done

let swap a first second =
  let kept = a.(first) in
  a.(first) <- a.(second);
  a.(second) <- kept

(* The row, from [first] on, that has the largest number in the column. *)
let pivot_row a first column =
  let pivot = ref first in
  for i = first + 1 to Array.length a - 1 do
    if Float.abs a.(i).(column) > Float.abs a.(!pivot).(column) then pivot := i
  done;
  !pivot

let dot x y =
  let sum = ref 0.0 in
  Array.iteri (fun i value -> sum := !sum +. (value *. y.(i))) x;
  !sum
%% if gaussian_elimination or gauss_jordan or rank

(* Clears the first columns below their pivots. Gives the number of pivots. *)
let eliminate a unknowns =
  let rows = Array.length a in
  let row = ref 0 and column = ref 0 in
  while !row < rows && !column < unknowns do
    let pivot = pivot_row a !row !column in
    if a.(pivot).(!column) <> 0.0 then begin
      swap a !row pivot;
      for i = !row + 1 to rows - 1 do
        let factor = a.(i).(!column) /. a.(!row).(!column) in
        a.(i).(!column) <- 0.0;
        subtract a.(i) factor a.(!row) (!column + 1)
      done;
      incr row
    end;
    incr column
  done;
  !row
%% endif
%% if gaussian_elimination

(* Turns the matrix into row echelon form. *)
let gaussian_elimination a unknowns =
  if eliminate a unknowns < min (Array.length a) unknowns then
    print_endline "The matrix is singular."
%% endif
%% if gauss_jordan

(* The first column, from [column] on, whose coefficient in the row is not 0. *)
let rec leading_column row unknowns column =
  if column = unknowns then None
  else if row.(column) <> 0.0 then Some column
  else leading_column row unknowns (column + 1)

%% if gaussian_elimination
(* Turns a matrix in row echelon form into reduced row echelon form. *)
let gauss_jordan a unknowns =
%% else
(* Turns the matrix into reduced row echelon form. *)
let gauss_jordan a unknowns =
  ignore (eliminate a unknowns);
%% endif
  for row = Array.length a - 1 downto 0 do
    match leading_column a.(row) unknowns 0 with
    | None -> ()
    | Some column ->
        let pivot = a.(row).(column) in
        a.(row) <- Array.map (fun value -> value /. pivot) a.(row);
        for i = 0 to row - 1 do
          let factor = a.(i).(column) in
          a.(i).(column) <- 0.0;
          subtract a.(i) factor a.(row) (column + 1)
        done
  done
%% endif
%% if back_substitution

let has_one_solution a =
  let unknowns = Array.length a.(0) - 1 in
  let fits i row = if i < unknowns then row.(i) <> 0.0 else row.(unknowns) = 0.0 in
  Array.length a >= unknowns && Array.for_all Fun.id (Array.mapi fits a)

(* Solves a system in row echelon form, with one right-hand side. Fails where there is not exactly one
   solution. *)
let back_substitution a =
  let unknowns = Array.length a.(0) - 1 in
  if not (has_one_solution a) then failwith "there is not exactly one solution";
  let x = Array.make unknowns 0.0 in
  for i = unknowns - 1 downto 0 do
    let sum = ref a.(i).(unknowns) in
    for j = i + 1 to unknowns - 1 do
      sum := !sum -. (a.(i).(j) *. x.(j))
    done;
    x.(i) <- !sum /. a.(i).(i)
  done;
  x
%% endif
%% if lu or solve or inverse or determinant or log_determinant

(* Factors P A = L U. A becomes U. Gives P as the order of the rows of A, L, and the sign of P. *)
let lu a =
  let n = Array.length a in
  let order = Array.init n Fun.id and lower = Array.make_matrix n n 0.0 and sign = ref 1.0 in
  for k = 0 to n - 1 do
    let pivot = pivot_row a k k in
    if pivot <> k then begin
      swap a k pivot;
      swap lower k pivot;
      swap order k pivot;
      sign := -. !sign
    end;
    lower.(k).(k) <- 1.0;
    if a.(k).(k) <> 0.0 then
      for i = k + 1 to n - 1 do
        lower.(i).(k) <- a.(i).(k) /. a.(k).(k);
        a.(i).(k) <- 0.0;
        subtract a.(i) lower.(i).(k) a.(k) (k + 1)
      done
  done;
  (order, lower, !sign)
%% endif
%% if forward_substitution or solve or inverse

(* Solves L y = b, where L has 1 on its diagonal. b becomes y. *)
let forward_substitution lower b =
  for i = 0 to Array.length b - 1 do
    for j = 0 to i - 1 do
      b.(i) <- b.(i) -. (lower.(i).(j) *. b.(j))
    done
  done;
  b
%% endif
%% if backward_substitution or solve or inverse or least_squares

(* Solves U x = y. y becomes x. Fails for a singular U. *)
let backward_substitution upper y =
  for i = Array.length y - 1 downto 0 do
    if upper.(i).(i) = 0.0 then failwith "the matrix is singular";
    for j = i + 1 to Array.length y - 1 do
      y.(i) <- y.(i) -. (upper.(i).(j) *. y.(j))
    done;
    y.(i) <- y.(i) /. upper.(i).(i)
  done;
  y
%% endif
%% if solve

(* Solves A x = b. Fails for a singular A. *)
let solve a b =
  let order, lower, _ = lu a in
  backward_substitution a (forward_substitution lower (Array.map (fun i -> b.(i)) order))
%% endif
%% if inverse

(* Fails for a singular A. *)
let inverse a =
  let n = Array.length a in
  let order, lower, _ = lu a in
  let column j =
    let unit = Array.map (fun i -> if i = j then 1.0 else 0.0) order in
    backward_substitution a (forward_substitution lower unit)
  in
  let columns = Array.init n column in
  Array.init n (fun i -> Array.map (fun x -> x.(i)) columns)
%% endif
%% if determinant

(* Mantissas and powers of two are multiplied apart, because a product of some of the pivots may be
   too large or too small for a float. *)
let determinant a =
  let _, _, sign = lu a in
  let mantissa = ref sign and exponent = ref 0 in
  for k = 0 to Array.length a - 1 do
    let fraction, power = Float.frexp a.(k).(k) in
    let product, carry = Float.frexp (!mantissa *. fraction) in
    mantissa := product;
    exponent := !exponent + power + carry
  done;
  Float.ldexp !mantissa !exponent
%% endif
%% if log_determinant

(* The sign of the determinant and the logarithm of its magnitude; 0 and -infinity where it is 0. *)
let log_determinant a =
  let _, _, sign = lu a in
  let pivots = Array.mapi (fun k row -> row.(k)) a in
  if Array.mem 0.0 pivots then (0.0, neg_infinity)
  else
    ( Array.fold_left (fun known pivot -> if pivot < 0.0 then -.known else known) sign pivots,
      Array.fold_left (fun sum pivot -> sum +. log (Float.abs pivot)) 0.0 pivots )
%% endif
%% if rank

(* The number of pivots that elimination finds. *)
let rank a = eliminate a (Array.length a.(0))
%% endif
%% if tridiagonal

(* Solves a tridiagonal system by the Thomas algorithm, without row swaps. Fails for a pivot 0. *)
let tridiagonal below diagonal above b =
  let n = Array.length b in
  for i = 0 to n - 1 do
    if i > 0 then begin
      let factor = below.(i - 1) /. diagonal.(i - 1) in
      diagonal.(i) <- diagonal.(i) -. (factor *. above.(i - 1));
      b.(i) <- b.(i) -. (factor *. b.(i - 1))
    end;
    if diagonal.(i) = 0.0 then failwith "a pivot is 0"
  done;
  for i = n - 1 downto 0 do
    if i + 1 < n then b.(i) <- b.(i) -. (above.(i) *. b.(i + 1));
    b.(i) <- b.(i) /. diagonal.(i)
  done;
  b
%% endif
%% if cholesky

(* L with A = L L^T. Fails where A is not positive definite. *)
let cholesky a =
  let n = Array.length a in
  let lower = Array.make_matrix n n 0.0 in
  for i = 0 to n - 1 do
    for j = 0 to i do
      let rest = ref a.(i).(j) in
      for k = 0 to j - 1 do
        rest := !rest -. (lower.(i).(k) *. lower.(j).(k))
      done;
      if i <> j then lower.(i).(j) <- !rest /. lower.(j).(j)
      else if !rest > 0.0 then lower.(i).(i) <- sqrt !rest
      else failwith "the matrix is not positive definite"
    done
  done;
  lower
%% endif
%% if least_squares

(* Reflects column [k], from the diagonal down, to a multiple of a unit vector. *)
let reflect a k =
  let rows = Array.sub a k (Array.length a - k) in
  let largest = Array.fold_left (fun most row -> Float.max most (Float.abs row.(k))) 0.0 rows in
  if largest > 0.0 then begin
    let v = Array.map (fun row -> row.(k) /. largest) rows in
    v.(0) <- v.(0) +. Float.copy_sign (sqrt (dot v v)) v.(0);
    let square = dot v v in
    for j = k to Array.length a.(0) - 1 do
      let factor = 2.0 *. dot v (Array.map (fun row -> row.(j)) rows) /. square in
      Array.iteri (fun i row -> row.(j) <- row.(j) -. (factor *. v.(i))) rows
    done
  end

(* The x with the smallest residual b - A x. Fails where the columns of A depend on each other, but for
   rounding. *)
let least_squares a b =
  let columns = Array.length a.(0) in
  if Array.length a < columns then failwith "there are fewer equations than unknowns";
  let work = Array.mapi (fun i row -> Array.append row [| b.(i) |]) a in
  for k = 0 to columns - 1 do
    reflect work k
  done;
  let top = Array.sub work 0 columns in
  let sizes = Array.mapi (fun k row -> Float.abs row.(k)) top in
  let largest = Array.fold_left Float.max 0.0 sizes
  and smallest = Array.fold_left Float.min infinity sizes in
  if not (smallest > float_of_int (Array.length a) *. epsilon_float *. largest) then
    failwith "the columns depend on each other";
  backward_substitution top (Array.map (fun row -> row.(columns)) top)
%% endif
%% if conjugate_gradient

(* An x whose residual is at most 1e-10 times b, for a positive definite A. Fails where A is not
   positive definite, and after 10n steps. *)
let conjugate_gradient a b =
  (* The squares of large and small numbers are no floats. *)
  let largest = Array.fold_left (fun most value -> Float.max most (Float.abs value)) 0.0 b in
  let scale = if largest > 0.0 then largest else 1.0 in
  let x = Array.map (fun _ -> 0.0) b and residual = Array.map (fun value -> value /. scale) b in
  let direction = ref (Array.copy residual) and square = ref (dot residual residual) in
  let limit = 1e-20 *. !square and step = ref 0 in
  while !square > limit do
    let product = Array.map (fun row -> dot row !direction) a in
    let curvature = dot !direction product in
    if not (curvature > 0.0) then failwith "the matrix is not positive definite";
    if !step = 10 * Array.length b then failwith "the iteration does not converge";
    let length = !square /. curvature and before = !square in
    subtract x (-.length) !direction 0;
    subtract residual length product 0;
    square := dot residual residual;
    direction := Array.mapi (fun i rest -> rest +. (!square /. before *. !direction.(i))) residual;
    incr step
  done;
  if not (!square <= limit) then failwith "the iteration does not converge";
  Array.map (fun value -> scale *. value) x
%% endif
