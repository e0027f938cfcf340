(* Reads linear systems from standard input, passes them to elimination.ml, and prints the
   results. docs/protocol.md describes both sides. *)

let copy_of matrix = Array.map Array.copy matrix

let read_row () =
  let words = String.split_on_char ' ' (input_line stdin) in
  Array.of_list (List.map float_of_string words)

(* 17 significant digits determine a double exactly. *)
let joined separator numbers =
  String.concat separator (List.map (Printf.sprintf "%.17g") (Array.to_list numbers))

let matrix_text label matrix =
  let rows = List.map (joined " ") (Array.to_list matrix) in
  let header =
    Printf.sprintf "%s %d %d" label (Array.length matrix) (Array.length matrix.(0))
  in
  String.concat "\n" (header :: rows)

let vector_text label vector =
  Printf.sprintf "%s %d\n%s" label (Array.length vector) (joined "\n" vector)

(* Prints a line and flushes it. *)
let say = print_endline

(* Prints what the stage returns, or that its procedure raised. Returns whether it succeeded. *)
let attempt procedure stage =
  match stage () with
  | text ->
      say text;
      true
  | exception problem ->
      let line_end_to_space c = if c = '\n' then ' ' else c in
      let message = String.map line_end_to_space (Printexc.to_string problem) in
      say (Printf.sprintf "failed %s %s" procedure message);
      false

let answer name system =
  prerr_endline ("case " ^ name);
  say ("case " ^ name);
  let echelon = copy_of system in
  let eliminated =
    attempt "gaussian_elimination" (fun () ->
        Elimination.gaussian_elimination echelon;
        matrix_text "echelon" echelon)
  in
  if eliminated then begin
    let reduced () =
      let matrix = copy_of echelon in
      Elimination.gauss_jordan matrix;
      matrix_text "reduced" matrix
    and solution () =
      vector_text "solution" (Elimination.back_substitution (copy_of echelon))
    in
    ignore (attempt "gauss_jordan" reduced);
    ignore (attempt "back_substitution" solution)
  end;
  say ("end " ^ name)

let rec converse () =
  match input_line stdin with
  | exception End_of_file -> ()
  | header ->
      Scanf.sscanf header "case %s %d %d %d" (fun name rows _ _ ->
          answer name (Array.init rows (fun _ -> read_row ())));
      converse ()

let () = converse ()
