/* SPDX-License-Identifier: BSD-3-Clause */
/* Where scenarios come from: files, folders, patterns. */
#include "tests/sim/cli/source.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/files.h"

#define PRINT_BYTES  ((size_t)2 * NVME_INI_BYTES_MAX)
#define FOLDER_DEPTH 32 /* folders in folders */

static int compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool add_folder(GPtrArray *found, const char *path, unsigned int depth, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(GDir) folder = g_dir_open(path, 0, &why);
	const char *name;

	if (!folder)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot read %s: %s", path,
				why->message);
	if (depth > FOLDER_DEPTH)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: more than %d folders deep", path,
				FOLDER_DEPTH);
	while ((name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *inside = g_build_filename(path, name, NULL);

		if (g_file_test(inside, G_FILE_TEST_IS_DIR)) {
			if (!g_file_test(inside, G_FILE_TEST_IS_SYMLINK) &&
			    !add_folder(found, inside, depth + 1, error))
				return false;
		} else if (g_str_has_suffix(name, ".ini")) {
			g_ptr_array_add(found, g_steal_pointer(&inside));
		}
	}
	return true;
}

static bool add_path(GPtrArray *found, const char *path, GError **error)
{
	guint before = found->len;

	if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
		g_ptr_array_add(found, g_strdup(path));
		return true;
	}
	if (!add_folder(found, path, 0, error))
		return false;
	return found->len > before ||
	       cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: no *.ini in this folder or below", path);
}

static bool add_pattern(GPtrArray *found, const char *pattern, GError **error)
{
	bool fine = true;
	glob_t matches;
	int result = glob(pattern, 0, NULL, &matches);

	if (result == 0) {
		for (size_t i = 0; fine && i < matches.gl_pathc; i++)
			fine = add_path(found, matches.gl_pathv[i], error);
		globfree(&matches);
		return fine;
	}
	return cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: %s", pattern,
			result == GLOB_NOMATCH ? "nothing matches this pattern"
					       : "this pattern cannot be looked for");
}

static bool add_argument(GPtrArray *found, const char *argument, GError **error)
{
	if (strpbrk(argument, "*?[") && !g_file_test(argument, G_FILE_TEST_EXISTS))
		return add_pattern(found, argument, error);
	return add_path(found, argument, error);
}

GPtrArray *sim_source_paths(const struct cli_args *args, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	const char *argument;

	for (unsigned int i = 0; (argument = cli_positional(args, i)) != NULL; i++) {
		g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);

		if (!add_argument(found, argument, error))
			return NULL;
		g_ptr_array_sort(found, compare_names);
		for (guint j = 0; j < found->len; j++) {
			char *path = g_strdup(g_ptr_array_index(found, j));

			g_ptr_array_add(paths, path);
			if (!g_hash_table_add(seen, path))
				g_ptr_array_remove_index(paths, paths->len - 1);
		}
	}
	return g_steal_pointer(&paths);
}

char *sim_source_text(const char *path, size_t limit, size_t *ret_bytes, GError **error)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdin : fopen(path, "re");
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	guint8 part[16384];
	size_t got;
	int result;

	if (!file) {
		cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot open %s: %s", path,
			 g_strerror(errno));
		return NULL;
	}
	errno = 0;
	while (bytes->len <= limit && (got = fread(part, 1, sizeof(part), file)) > 0)
		g_byte_array_append(bytes, part, (guint)got);
	result = ferror(file) ? errno : 0;
	if (!standard)
		fclose(file);
	if (result != 0) {
		cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot read %s: %s", path,
			 g_strerror(result));
		return NULL;
	}
	*ret_bytes = bytes->len;
	g_byte_array_append(bytes, (const guint8 *)"", 1);
	return (char *)g_byte_array_free(g_steal_pointer(&bytes), FALSE);
}

static bool fail_file(const char *path, const struct nvme_ini_error *why, GError **error)
{
	if (why->line == 0)
		return cli_verdict(error, CLI_EXIT_USAGE, "%s: %s", path, why->message);
	return cli_verdict(error, CLI_EXIT_USAGE, "%s:%u: %s", path, why->line, why->message);
}

bool sim_source_load(const char *path, struct sim_file *file, struct nvme_ini_error *ret_why,
		     GError **error)
{
	size_t bytes = 0;
	g_autofree char *text = sim_source_text(path, NVME_INI_BYTES_MAX, &bytes, error);

	*ret_why = (struct nvme_ini_error){ .result = NVME_INI_OK };
	if (!text)
		return false;
	return sim_file_load(file, text, bytes, ret_why) == NVME_INI_OK ||
	       fail_file(path, ret_why, error);
}

char *sim_source_print(const struct sim_file *file)
{
	char *buffer = g_malloc(PRINT_BYTES);
	struct nvme_text text;

	nvme_text_init(&text, buffer, PRINT_BYTES);
	sim_file_print(file, &text);
	return buffer;
}

bool sim_source_write(const struct sim_file *file, const char *path, GError **error)
{
	g_autofree char *text = sim_source_print(file);

	return cli_write_file(path, text, strlen(text), error);
}
