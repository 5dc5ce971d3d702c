# SPDX-License-Identifier: BSD-3-Clause
# Makes the reference of the C API out of the kernel-doc comments of headers: Markdown on standard output.
#
#	awk -f tools/api.awk [-v check=1] docs/api-words pass=1 HEADER... pass=2 HEADER...
#
# With check=1 it prints what is missing instead, a line each, and its exit code is 1 if anything is: a function
# without a comment, a parameter or a result that nothing is said of. What is not said of a parameter is what
# docs/api-words says of its type or name, or the comment of its structure, which the first pass reads. A summary without
# more is what a function returns, if that is no errno. Prototypes without an empty line between them share a comment.

function trim(text) { gsub(/[ \t\n]+/, " ", text); sub(/^ /, "", text); sub(/ $/, "", text); return text }

function complain(text) { if (pass == 2) { complaints++; if (check) print FILENAME ": " text } }

function say(text) { if (!check && pass == 2) print text }

function capital(text) { return toupper(substr(text, 1, 1)) substr(text, 2) }

# Markdown takes stars and angle brackets for its own; a bar ends a cell. @name is a parameter.
function plain(text)
{
	gsub(/[*<>|]/, "\\\\&", text)
	while (match(text, /@[a-z_0-9]+/))
		text = substr(text, 1, RSTART - 1) "`" substr(text, RSTART + 1, RLENGTH - 1) "`" substr(text, RSTART + RLENGTH)
	return text
}

function new_doc()
{
	end_item()
	split("", about)
	split("", order)
	described = 0
	name = summary = body = result = context = ""
	at = "summary"
}

# What a line of a comment belongs to: the summary, a parameter, the context, the result or the text.
function doc_line(line)
{
	if (name == "") {
		name = line
		sub(/ - .*/, "", name)
		summary = substr(line, length(name) + 4)
	} else if (match(line, /^@[a-z_0-9]+:/)) {
		at = substr(line, 2, RLENGTH - 2)
		order[++described] = at
		about[at] = substr(line, RLENGTH + 1)
	} else if (line ~ /^Context:/) {
		at = "Context"
		context = substr(line, 9)
	} else if (line ~ /^Return:/) {
		at = "Return"
		result = substr(line, 8)
	} else if (line == "") {
		at = "body"
		body = body "\n\n"
	} else if (at == "summary") {
		summary = summary " " line
	} else if (at == "Context") {
		context = context " " line
	} else if (at == "Return") {
		result = result " " line
	} else if (at == "body") {
		body = body (body ~ /\n$/ ? "" : " ") line
	} else {
		about[at] = about[at] " " line
	}
}

# The summary may hold the rest: "find it. Return: it, or NULL".
function split_summary(    place)
{
	if ((place = index(summary, "Return: ")) > 0) {
		result = substr(summary, place + 8)
		summary = substr(summary, 1, place - 1)
	}
	if ((place = index(summary, "Context: ")) > 0) {
		context = substr(summary, place + 9)
		summary = substr(summary, 1, place - 1)
	}
}

# Whether the comment speaks of @word anywhere but at its own place.
function mentions(word,    text, i)
{
	text = summary " " body " " result " " context
	for (i = 1; i <= described; i++)
		text = text " " about[order[i]]
	return (text " ") ~ ("@" word "[^a-z_0-9]")
}

# Adds the parameters of a prototype to takes[], the type to results.
function read_prototype(code,    list, parts, n, i, word, type)
{
	list = substr(code, index(code, "(") + 1)
	sub(/\)[^)]*$/, "", list)
	type = substr(code, 1, index(code, "(") - 1)
	sub(/^static inline /, "", type)
	match(type, /[a-z_0-9]+$/)
	word = substr(type, RSTART)
	items[word] = 1
	if (trim(substr(type, 1, RSTART - 1)) != "void")
		results = trim(substr(type, 1, RSTART - 1))
	n = list == "void" ? 0 : split(list, parts, ",")
	for (i = 1; i <= n; i++) {
		sub(/\[.*/, "", parts[i])
		parts[i] = trim(parts[i])
		match(parts[i], /[a-zA-Z_0-9]+$/)
		word = substr(parts[i], RSTART)
		if (word in type_of)
			continue
		takes[++taken] = word
		type_of[word] = match(parts[i], /(struct|enum) [a-z_0-9]+|[a-z_0-9]+_fn/) ? substr(parts[i], RSTART, RLENGTH) : ""
	}
}

# What is said of a parameter: by the comment, of its type or name in general, by the comment of its structure.
function said_of(word,    type)
{
	type = type_of[word]
	if (word in about)
		return about[word]
	if (mentions(word))
		return "as the text says"
	if (type in words)
		return words[type]
	if (word in words)
		return words[word]
	if (type in summaries)
		return "`" type "`: " summaries[type]
	complain(name ": nothing is said of the parameter " word)
	return ""
}

function print_function(code,    parts, n, i, said)
{
	split("", takes)
	split("", type_of)
	taken = 0
	results = ""
	n = split(code, parts, ";")
	for (i = 1; i <= n; i++)
		if (index(parts[i], "("))
			read_prototype(trim(parts[i]))
	for (i = 1; i <= described; i++)
		if (!(order[i] in type_of))
			complain(name ": there is no parameter " order[i])
	if (taken > 0)
		say("\n| parameter | |\n|---|---|")
	for (i = 1; i <= taken; i++) {
		said = said_of(takes[i])
		say("| `" takes[i] "` | " plain(trim(said)) " |")
	}
	if (results == "" || result != "" || (summary body) ~ /-(NVL_)?E[A-Z]/)
		return
	if (results == "int")
		result = words["int of " FILENAME]
	if (result == "" && results in summaries)
		result = "`" results "`: " summaries[results]
	if (result == "" && results != "bool" && (results == "int" || trim(body) != ""))
		complain(name ": nothing is said of what it returns")
}

function print_members(    i)
{
	if (described == 0)
		return
	say("\n| member | |\n|---|---|")
	for (i = 1; i <= described; i++)
		say("| `" order[i] "` | " plain(trim(about[order[i]])) " |")
}

# A comment and the declarations behind it.
function print_item(code,    kind)
{
	kind = code ~ /^#define/ ? "macro" : code ~ /^typedef/ ? "type" : code ~ /^(struct|enum)[^(]*\{/ ? "struct" : "function"
	if (pass == 1) {
		summaries[name] = summary
		return
	}
	if (kind != "function" && FILENAME ~ /\/nvme_(spec|lists)\.h$/)
		return
	if (kind == "function" && index(code, name "(") == 0)
		complain(name ": the declaration behind it is another: " trim(code))
	say("\n### `" name "`\n\n```c\n" code "\n```\n\n" capital(plain(trim(summary))) ".")
	if (kind == "function")
		print_function(code)
	else
		print_members()
	if (trim(body) != "") {
		gsub(/\n\n\n+/, "\n\n", body)
		sub(/\n+$/, "", body)
		sub(/^\n*/, "\n", body)
		say(plain(body))
	}
	if (context != "")
		say("\nContext: " plain(trim(context)))
	if (result != "")
		say("\nReturns " plain(trim(result)) (result ~ /\.$/ ? "" : "."))
}

# What follows without an empty line shares the comment.
function end_code()
{
	sub(/\n$/, "", code)
	codes = codes (codes == "" ? "" : "\n") code
	code = ""
}

function end_item()
{
	if (codes != "") {
		split_summary()
		print_item(codes)
	}
	codes = code = ""
	wants = 0
}

# A declaration without a comment is a mistake if it is a function.
function look_at_bare(line)
{
	if (line ~ /^(nvme_|const |bool |void |u?int|unsigned |size_t |struct |enum |static inline |char )/ &&
	    match(line, /(nvl|emu|nvme)_[a-z_0-9]+\(/))
		complain(substr(line, RSTART, RLENGTH - 1) ": there is no comment before it")
}

BEGIN {
	if (!check)
		printf "%s", "<!-- Made by tools/docs.sh from the comments of the installed headers; changes belong there. -->\n\n" \
			"# The C API\n\n" \
			"What the installed headers declare: `nvl_` is the host driver (libnvmelab), `emu_` the emulator\n" \
			"(libnvmelab-emulator), `nvme_` what both share. [library.md](library.md) tells how they are used; structures and\n" \
			"constants of the specification are in `common/nvme_spec.h`, named as there.\n"
}

# docs/api-words
FNR == NR {
	if (!/^#/ && (place = index($0, ": ")) > 0)
		words[substr($0, 1, place - 1)] = substr($0, place + 2)
	next
}

FNR == 1 {
	say("\n## `" FILENAME "`\n")
	in_doc = wants = 0
	head = 1
	next
}

# The header's own comment; what is further in is code.
head && /^\/\* .*\*\/$/ { line = $0; sub(/^\/\* */, "", line); sub(/ *\*\/$/, "", line); say(plain(line)); head = 0; next }
head && /^\/\*$/ { next }
head && /^ \*\/$/ { head = 0; next }
head && /^ \*/ { line = substr($0, 3); say(line ~ /^(\t|   )/ ? "   " line : plain(trim(line))); next }

/^\/\*\*/ {
	new_doc()
	in_doc = 1
	line = $0
	sub(/^\/\*\* */, "", line)
}
in_doc {
	if (!/^\/\*\*/)
		line = $0
	ends = sub(/ *\*\/$/, "", line)
	sub(/^ \* ?/, "", line)
	sub(/^ \*$/, "", line)
	sub(/^[ \t]+/, "", line)
	if (line != "" || (!ends && !/^\/\*\*/))
		doc_line(line)
	if (ends) {
		in_doc = 0
		wants = 1
	}
	next
}
wants && /^($|#pragma|#endif)/ && code == "" { end_item(); next }
wants {
	code = code $0 "\n"
	if (code ~ /^static inline/) {
		if (/^\{/) {
			sub(/\n\{\n$/, ";\n", code)
			end_code()
			end_item()
		}
	} else if (code ~ /^#define/ ? !/\\$/ : code ~ /^(struct|enum)[^(]*\{/ || code ~ /^typedef (struct|enum)[^(]*\{/ ? /^\}/ : /;$/) {
		end_code()
	}
	next
}
{ look_at_bare($0) }

END {
	end_item()
	exit check && complaints > 0
}
