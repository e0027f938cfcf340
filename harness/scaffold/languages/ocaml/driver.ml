(* Reads linear systems from standard input, passes them to @{ listing }@, and prints the
   results. docs/protocol.md describes both sides. Only the functions with ADAPT depend on the
   program, which is the module @{ stem[0] | upper }@@{ stem[1:] }@. What it does at its top is done
   once, before the first case. *)

module Program = @{ stem[0] | upper }@@{ stem[1:] }@

exception Refused of string

let permutation order =
  Array.map (fun origin -> Array.mapi (fun j _ -> if j = origin then 1.0 else 0.0) order) order

(* The calls of the program. Each call gets copies, which the program may change. Where it has no
   answer, the program may raise an exception: the driver then prints `failed PROCEDURE MESSAGE`. Or
   it may give an empty array: the driver then prints `refused PROCEDURE returned [||]`. Where the
   program says so otherwise, raise Refused here:
     match Program.solve a b with Some x -> x | None -> raise (Refused "returned None")
     match Program.solve a b with Ok x -> x | Error message -> raise (Refused message)
   For lists in place of arrays: Array.of_list (Program.solve (List.map Array.to_list (Array.to_list a))
   (Array.to_list b)). *)
%% if gaussian_elimination

(* ADAPT: the row echelon form of M = [A | B]; the first columns are those of the unknowns *)
let gaussian_elimination m unknowns =
  Program.gaussian_elimination m unknowns;
  m
%% endif
%% if gauss_jordan

(* ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form" if gaussian_elimination else " = [A | B]" }@ *)
let gauss_jordan m unknowns =
  Program.gauss_jordan m unknowns;
  m
%% endif
%% if back_substitution

(* ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@ *)
let back_substitution m = Program.back_substitution m
%% endif
%% if lu

(* ADAPT: P, L and U with P A = L U *)
let lu a =
  let order, lower, _ = Program.lu a in
  (permutation order, lower, a)
%% endif
%% if forward_substitution

(* ADAPT: the solution y of L y = b *)
let forward_substitution l b = Program.forward_substitution l b
%% endif
%% if backward_substitution

(* ADAPT: the solution x of U x = y *)
let backward_substitution u y = Program.backward_substitution u y
%% endif
%% if solve

(* ADAPT: the solution x of A x = b *)
let solve a b = Program.solve a b
%% endif
%% if inverse

(* ADAPT: the inverse of A *)
let inverse a = Program.inverse a
%% endif
%% if determinant

(* ADAPT: the determinant of A *)
let determinant a = Program.determinant a
%% endif
%% if log_determinant

(* ADAPT: the sign of the determinant of A, and the logarithm of its magnitude *)
let log_determinant a =
  let sign, logarithm = Program.log_determinant a in
  [| sign; logarithm |]
%% endif
%% if rank

(* ADAPT: the rank of A *)
let rank a = float_of_int (Program.rank a)
%% endif
%% if tridiagonal

(* ADAPT: the solution x of A x = b, from the diagonals of A *)
let tridiagonal a b =
  let n = Array.length b in
  let below = Array.init (n - 1) (fun i -> a.(i + 1).(i))
  and diagonal = Array.init n (fun i -> a.(i).(i))
  and above = Array.init (n - 1) (fun i -> a.(i).(i + 1)) in
  Program.tridiagonal below diagonal above b
%% endif
%% if cholesky

(* ADAPT: L with A = L L^T *)
let cholesky a = Program.cholesky a
%% endif
%% if least_squares

(* ADAPT: the x with the smallest residual b - A x *)
let least_squares a b = Program.least_squares a b
%% endif
%% if conjugate_gradient

(* ADAPT: the solution x of A x = b for a positive definite A *)
let conjugate_gradient a b = Program.conjugate_gradient a b
%% endif

(* From here on, nothing depends on the program. *)

let copy_of matrix = Array.map Array.copy matrix
let column matrix k = Array.map (fun row -> row.(k)) matrix

(* 17 significant digits determine a double exactly. *)
let joined separator numbers =
  String.concat separator (List.map (Printf.sprintf "%.17g") (Array.to_list numbers))

let matrix_text label matrix =
  if matrix = [||] || matrix.(0) = [||] then raise (Refused "returned [||]");
  let rows = List.map (joined " ") (Array.to_list matrix) in
  let header =
    Printf.sprintf "%s %d %d" label (Array.length matrix) (Array.length matrix.(0))
  in
  String.concat "\n" (header :: rows)

let vector_text label vector =
  if vector = [||] then raise (Refused "returned [||]");
  Printf.sprintf "%s %d\n%s" label (Array.length vector) (joined "\n" vector)

(* Prints a line and flushes it. *)
let say = print_endline

(* Prints the text of what the stage gives, and gives it. Where its procedure raises an exception,
   prints that. *)
let attempt procedure text_of stage =
  match
    let result = stage () in
    (result, text_of result)
  with
  | result, text ->
      say text;
      Some result
  | exception problem ->
      let blank c = if c = '\n' || c = '\r' then ' ' else c in
      let word, message =
        match problem with
        | Refused text -> ("refused", text)
        | other -> ("failed", Printexc.to_string other)
      in
      say (Printf.sprintf "%s %s %s" word procedure (String.map blank message));
      None

(* Prints and gives the results for each column of B, as the columns of a matrix. *)
let each procedure label solver a b =
  attempt procedure (matrix_text label) (fun () ->
      let sides = Array.length b.(0) in
      let columns = Array.init sides (fun k -> solver (copy_of a) (column b k)) in
      let unknowns = Array.length columns.(0) in
      let check x =
        if x = [||] then raise (Refused "returned [||]");
        if Array.length x <> unknowns then failwith "the solutions have different lengths"
      in
      Array.iter check columns;
      Array.init unknowns (fun i -> Array.map (fun x -> x.(i)) columns))

let holds a condition =
  let fits i row = Array.for_all Fun.id (Array.mapi (condition i) row) in
  Array.for_all Fun.id (Array.mapi fits a)

let answer system a b =
  let unknowns = Array.length a.(0) in
  let is_square = Array.length a = unknowns and is_single = Array.length b.(0) = 1 in
  let is_symmetric = is_square && holds a (fun i j value -> value = a.(j).(i))
  and is_tridiagonal =
    is_square && holds a (fun i j value -> value = 0.0 || abs (i - j) < 2)
  in
  let m = Some system in
%% if gaussian_elimination
  let m =
    attempt "gaussian_elimination" (matrix_text "echelon") (fun () ->
        gaussian_elimination (copy_of system) unknowns)
  in
%% endif
%% if gauss_jordan
  let reduced =
    Option.bind m (fun start ->
        attempt "gauss_jordan" (matrix_text "reduced") (fun () ->
            gauss_jordan (copy_of start) unknowns))
  in
%% if not gaussian_elimination
  let m = reduced in
%% endif
%% endif
%% if back_substitution
  (match m with
  | Some start when is_single ->
      ignore
        (attempt "back_substitution" (vector_text "solution") (fun () ->
             back_substitution (copy_of start)))
  | _ -> ());
%% endif
%% if lu or forward_substitution or backward_substitution
  (if is_square then
%% if lu
     let text (p, l, u) =
       String.concat "\n"
         [ matrix_text "permutation" p; matrix_text "lower" l; matrix_text "upper" u ]
     in
     let factors = attempt "lu" text (fun () -> lu (copy_of a)) in
%% else
     (* Without a factorisation, the triangles are those of A. *)
     let p = permutation (Array.init unknowns Fun.id) in
     let below i j value = if i > j then value else p.(i).(j)
     and above i j value = if i > j then 0.0 else value in
     let factors =
       Some (p, Array.mapi (fun i -> Array.mapi (below i)) a, Array.mapi (fun i -> Array.mapi (above i)) a)
     in
%% endif
     match factors with
     | None -> ()
     | Some (p, l, u) ->
%% if forward_substitution
         let pb =
           Array.map
             (fun unit ->
               let row = ref b.(0) in
               Array.iteri (fun origin entry -> if entry <> 0.0 then row := b.(origin)) unit;
               !row)
             p
         in
         let y = each "forward_substitution" "forward" forward_substitution l pb in
%% else
         let y = Some b in
%% endif
%% if backward_substitution
         let substitute known =
           ignore (each "backward_substitution" "backward" backward_substitution u known)
         in
         Option.iter substitute y
%% else
         ignore y
%% endif
  );
%% endif
%% if solve
  (* Where the program takes other shapes, claim them in port.yaml and leave out the condition. *)
  if is_square then ignore (each "solve" "solve" solve a b);
%% endif
%% if inverse
  if is_square then
    ignore (attempt "inverse" (matrix_text "inverse") (fun () -> inverse (copy_of a)));
%% endif
%% if determinant
  if is_square then
    ignore
      (attempt "determinant" (vector_text "determinant") (fun () -> [| determinant (copy_of a) |]));
%% endif
%% if log_determinant
  if is_square then
    ignore
      (attempt "log_determinant" (vector_text "log_determinant") (fun () ->
           log_determinant (copy_of a)));
%% endif
%% if rank
  ignore (attempt "rank" (vector_text "rank") (fun () -> [| rank (copy_of a) |]));
%% endif
%% if tridiagonal
  if is_tridiagonal then ignore (each "tridiagonal" "tridiagonal" tridiagonal a b);
%% endif
%% if cholesky
  if is_symmetric then
    ignore (attempt "cholesky" (matrix_text "cholesky") (fun () -> cholesky (copy_of a)));
%% endif
%% if least_squares
  ignore (each "least_squares" "least_squares" least_squares a b);
%% endif
%% if conjugate_gradient
  if is_symmetric && is_single then
    ignore
      (attempt "conjugate_gradient" (vector_text "conjugate_gradient") (fun () ->
           conjugate_gradient (copy_of a) (column b 0)));
%% endif
  ()

let read_row () =
  let words = String.split_on_char ' ' (input_line stdin) in
  Array.of_list (List.map float_of_string words)

let rec converse () =
  match input_line stdin with
  | exception End_of_file -> ()
  | header ->
      Scanf.sscanf header "case %s %d %d %d" (fun name rows columns sides ->
          let system = Array.init rows (fun _ -> read_row ()) in
          let unknowns = columns - sides in
          prerr_endline ("case " ^ name);
          say ("case " ^ name);
          answer system
            (Array.map (fun row -> Array.sub row 0 unknowns) system)
            (Array.map (fun row -> Array.sub row unknowns sides) system);
          say ("end " ^ name));
      converse ()

let () = converse ()
