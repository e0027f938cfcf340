(* Gaussian elimination with partial pivoting: the program under test.

   Put your own program in place of this one. Where its functions have other names or arguments,
   change the calls in driver.ml.

   A matrix is an array of rows and augmented: its last column is the right-hand side. *)

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

(* Turns the matrix into row echelon form. *)
let gaussian_elimination a =
  let rows = Array.length a and unknowns = Array.length a.(0) - 1 in
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
  if !row < min rows unknowns then print_endline "The matrix is singular."

(* The first column, from [column] on, whose coefficient in the row is not 0. *)
let rec leading_column row column =
  if column = Array.length row - 1 then None
  else if row.(column) <> 0.0 then Some column
  else leading_column row (column + 1)

(* Turns a matrix in row echelon form into reduced row echelon form. *)
let gauss_jordan a =
  for row = Array.length a - 1 downto 0 do
    match leading_column a.(row) 0 with
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

let has_one_solution a =
  let unknowns = Array.length a.(0) - 1 in
  let fits i row = if i < unknowns then row.(i) <> 0.0 else row.(unknowns) = 0.0 in
  Array.length a >= unknowns && Array.for_all Fun.id (Array.mapi fits a)

(* Solves a system in row echelon form. Fails where there is not exactly one solution. *)
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
