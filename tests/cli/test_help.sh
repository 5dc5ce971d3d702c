#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Help, completion and the manual page: all of them from the rows of the commands.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99

manual=${top_srcdir:-.}/man/nvmelab.1
nvmelab help >"$tap_tmp/help"
mapfile -t commands < <(sed -n 's/^  \([a-z-]*\)  *[a-z].*/\1/p' "$tap_tmp/help")
if [ "${#commands[@]}" -ge 24 ]; then ok "help lists the commands"; else not_ok "help lists the commands" "${commands[@]}"; fi

for command in "${commands[@]}"; do
	check_output "$command --help shows how it is used" "^usage: nvmelab $command" nvmelab "$command" --help
done
check_output "-h is the same" '^usage: nvmelab read' nvmelab read -h
check_output "help COMMAND is the same" '^usage: nvmelab read' nvmelab help read
check_output "nvmelab --help is help" '^usage: nvmelab COMMAND' nvmelab --help
check_output "nvmelab --version is version" '^nvmelab [0-9]' nvmelab --version
check_output "a default is said" 'commands at a time \(default 32\)$' nvmelab check-io --help
check_output "a letter that the command uses is not offered twice" '^      --timeout MSEC' nvmelab read --help
check "no line of help is wider than a terminal" sh -c '! for c in '"${commands[*]}"'; do nvmelab $c --help; done | grep -E "^.{101}"'

# The manual page holds the part that the program makes of its rows.
nvmelab help --man >"$tap_tmp/man"
sed -n '/^\.\\" commands: begin$/,/^\.\\" commands: end$/p' "$manual" | sed '1d;$d' >"$tap_tmp/page"
if cmp -s "$tap_tmp/man" "$tap_tmp/page"; then
	ok "the manual page has every command and option"
else
	not_ok "the manual page has every command and option" \
		"run 'make docs' and commit it" \
		"$(diff "$tap_tmp/page" "$tap_tmp/man" | head -n 10)"
fi
if command -v man >/dev/null; then
	check "the manual page has no mistakes" sh -c '[ -z "$(MANROFFSEQ= MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$1" 2>&1 >/dev/null)" ]' sh "$manual"
else
	skip "the manual page has no mistakes" "man is not installed"
fi

# Completion, run as bash would.
complete_words() # WORD...
{
	bash -c 'source <(nvmelab completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _nvmelab 2>/dev/null
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}
nvmelab completion bash >"$tap_tmp/completion"
check "the completion script is one that bash takes" bash -n "$tap_tmp/completion"
check_output "commands are completed" '^id-ctrl$' complete_words nvmelab id-
check_output "options are completed" '^--block-count$' complete_words nvmelab read --b
check_output "choices are completed" '^json$' complete_words nvmelab read --output-format j
check_output "devices are completed" '^vfio-user:$' complete_words nvmelab read v
check_output "files are completed" '^/etc/hostname$' complete_words nvmelab write --data /etc/hostn
check_output "PCI functions are completed" '^pci:$' complete_words nvmelab read p

# zsh has each option with its help.
check_output "zsh gets a function of its own" '^#compdef nvmelab$' nvmelab completion zsh
cp "$tap_tmp/out" "$tap_tmp/zsh"
check_file "its options have the help of their rows" "^			'\*--block-count\[how many, less one \(0'\\\\''s based\)\]:NUM:' " "$tap_tmp/zsh"
check_file "choices are choices" "\]:normal\|json\|binary:\(normal json binary\)' " "$tap_tmp/zsh"
check_file "a quote in a command's help does not end it" "'show-hostnqn:print this host'\\\\''s NQN'$" "$tap_tmp/zsh"
if command -v zsh >/dev/null; then
	check "zsh takes it" zsh -n "$tap_tmp/zsh"
else
	skip "zsh takes it" "zsh is not installed"
fi
for file in nvmelab _nvmelab; do
	check_file "the file that a shell loads asks the program ($file)" '^source <\(nvmelab completion (bash|zsh)\)$' \
		"${top_srcdir:-.}/driver/cli/completion/$file"
done
tap_done
