(* Linear equations, as a program that solves an example. *)

(* None for a singular matrix *)
let gauss a b =
  let n = Array.length b in
  let exception Singular in
  try
    for k = 0 to n - 1 do
      let p = ref k in
      for i = k + 1 to n - 1 do
        if abs_float a.(i).(k) > abs_float a.(!p).(k) then p := i
      done;
      if abs_float a.(!p).(k) < 1e-12 then raise Singular;
      let row = a.(k) and value = b.(k) in
      a.(k) <- a.(!p);
      a.(!p) <- row;
      b.(k) <- b.(!p);
      b.(!p) <- value;
      for i = 0 to n - 1 do
        if i <> k then begin
          let f = a.(i).(k) /. a.(k).(k) in
          Array.iteri (fun j u -> a.(i).(j) <- a.(i).(j) -. (f *. u)) a.(k);
          b.(i) <- b.(i) -. (f *. b.(k))
        end
      done
    done;
    Some (Array.mapi (fun k value -> value /. a.(k).(k)) b)
  with Singular -> None

(* [||] for a singular matrix *)
let invert a =
  let n = Array.length a in
  let column j =
    gauss (Array.map Array.copy a) (Array.init n (fun i -> if i = j then 1.0 else 0.0))
  in
  let columns = Array.init n column in
  if Array.mem None columns then [||]
  else Array.init n (fun i -> Array.map (fun x -> (Option.get x).(i)) columns)

let rec expand a =
  if Array.length a = 1 then a.(0).(0)
  else
    let without j row = Array.of_list (List.filteri (fun i _ -> i <> j) (Array.to_list row)) in
    let rows = Array.sub a 1 (Array.length a - 1) in
    let term j x = (if j mod 2 = 0 then x else -.x) *. expand (Array.map (without j) rows) in
    Array.fold_left ( +. ) 0.0 (Array.mapi term a.(0))

(* Fails for a singular matrix. *)
let det a =
  let value = expand a in
  if value = 0.0 then failwith "The matrix is singular!";
  value

let () =
  match gauss [| [| 2.0; 1.0 |]; [| 1.0; 3.0 |] |] [| 5.0; 10.0 |] with
  | Some x -> Array.iter (Printf.printf "%g\n") x
  | None -> exit 1
