/**
 * What a shell reads once, so that it asks `sluice complete` from then on. Each hands over what was
 * typed as data, never evaluates it, needs nothing beside the shell, and completes paths where
 * there is no answer. (Generators such as @bomb.sh/tab evaluate the line that is being typed.)
 */

const BASH = `# bash completion of sluice: source <(sluice completion bash)
_sluice() {
  local value
  COMPREPLY=()
  while IFS= read -r value; do
    COMPREPLY+=("$value")
  done < <("\${1/#\\~/$HOME}" complete bash "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -o default -F _sluice sluice`;

const ZSH = `#compdef sluice
# zsh completion of sluice: source <(sluice completion zsh)
_sluice() {
  local value description
  local -a values shown open openShown
  while IFS=$'\\t' read -r value description; do
    if [[ $value == *= ]]; then
      open+=("$value") openShown+=("$value  $description")
    else
      values+=("$value") shown+=("$value  $description")
    fi
  done < <("\${~words[1]}" complete words -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#values} + \${#open} == 0 )); then
    _files
    return
  fi
  compadd -l -d shown -a values
  compadd -l -S '' -d openShown -a open
}
if [[ "\${funcstack[1]}" == _sluice ]]; then
  _sluice "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _sluice sluice
fi`;

const FISH = `# fish completion of sluice: sluice completion fish | source
function __sluice_complete
  set -l words (commandline -opc) (string unescape -- (commandline -ct | string collect --allow-empty))
  set -l found ($words[1] complete words -- $words[2..-1] 2>/dev/null)
  if test (count $found) -eq 0
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $found
  end
end
complete -c sluice -f -a '(__sluice_complete)'`;

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
};
