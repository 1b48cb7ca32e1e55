package app

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"digiwork/internal/account"
	"digiwork/internal/testkit"
)

// gets is what a visitor, eve, mallory, bob and ada get, in this order.
type gets [5]int

// rule says who gets what on a route.
type rule struct {
	of    string // ada's things that fill the holes of the path, in their order; the rest is taken as it is
	body  string // form, JSON, or file:text; {thing} is the id of ada's thing
	want  gets
	alone bool // it ends sessions, erases somebody, or changes how people come in
}

// access says, for each route, what each kind of person gets. A route that is
// missing here fails the test.
var access = map[string]rule{
	"GET /about":                                           {want: gets{200, 200, 200, 200, 200}},
	"GET /about/data":                                      {want: gets{200, 200, 200, 200, 200}},
	"GET /about/exit":                                      {want: gets{200, 200, 200, 200, 200}},
	"GET /about/licences":                                  {want: gets{200, 200, 200, 200, 200}},
	"GET /accessibility":                                   {want: gets{200, 200, 200, 200, 200}},
	"GET /account":                                         {want: gets{303, 200, 200, 200, 200}},
	"GET /account/invitations":                             {want: gets{303, 200, 200, 200, 200}},
	"GET /account/leave":                                   {want: gets{303, 200, 200, 200, 200}},
	"GET /account/security":                                {want: gets{303, 200, 200, 200, 200}},
	"GET /account/tokens":                                  {want: gets{303, 200, 200, 200, 200}},
	"GET /api/openapi.json":                                {want: gets{200, 200, 200, 200, 200}},
	"GET /api/v1/export":                                   {want: gets{401, 200, 200, 200, 200}},
	"GET /circles":                                         {want: gets{303, 200, 200, 200, 200}},
	"GET /healthz":                                         {want: gets{200, 200, 200, 200, 200}},
	"GET /instance":                                        {want: gets{303, 404, 200, 404, 404}},
	"GET /instance/health":                                 {want: gets{303, 404, 200, 404, 404}},
	"GET /instance/settings":                               {want: gets{303, 404, 200, 404, 404}},
	"GET /manifest.webmanifest":                            {want: gets{200, 200, 200, 200, 200}},
	"GET /musette":                                         {want: gets{303, 200, 200, 200, 200}},
	"GET /musette/daily":                                   {want: gets{303, 200, 200, 200, 200}},
	"GET /musette/export":                                  {want: gets{303, 200, 200, 200, 200}},
	"GET /musette/export/file":                             {want: gets{303, 200, 200, 200, 200}},
	"GET /musette/import":                                  {want: gets{303, 200, 200, 200, 200}},
	"GET /musette/kept":                                    {want: gets{303, 200, 200, 200, 200}},
	"GET /musette/kept/pieces":                             {want: gets{303, 200, 200, 200, 200}},
	"GET /musette/letters":                                 {want: gets{303, 200, 200, 200, 200}},
	"GET /musette/letters/new":                             {want: gets{303, 200, 200, 200, 200}},
	"GET /musette/new":                                     {want: gets{303, 200, 200, 200, 200}},
	"GET /musette/reflect":                                 {want: gets{303, 200, 200, 200, 200}},
	"GET /musette/social":                                  {want: gets{303, 200, 200, 200, 200}},
	"GET /offline":                                         {want: gets{200, 200, 200, 200, 200}},
	"GET /portillon":                                       {want: gets{303, 200, 200, 200, 200}},
	"GET /portillon/faces":                                 {want: gets{303, 200, 200, 200, 200}},
	"GET /portillon/faces/new":                             {want: gets{303, 200, 200, 200, 200}},
	"GET /portillon/grants/new":                            {want: gets{303, 200, 200, 200, 200}},
	"GET /portillon/journal":                               {want: gets{303, 200, 200, 200, 200}},
	"GET /portillon/journal.csv":                           {want: gets{303, 200, 200, 200, 200}},
	"GET /portillon/profile":                               {want: gets{303, 200, 200, 200, 200}},
	"GET /privacy":                                         {want: gets{200, 200, 200, 200, 200}},
	"GET /readyz":                                          {want: gets{200, 200, 200, 200, 200}},
	"GET /sign-in":                                         {want: gets{200, 303, 303, 303, 303}},
	"GET /sign-in/again":                                   {want: gets{303, 200, 200, 200, 200}},
	"GET /sign-in/recover":                                 {want: gets{200, 200, 200, 200, 200}},
	"GET /sign-up":                                         {want: gets{403, 403, 403, 403, 403}},
	"GET /sw.js":                                           {want: gets{200, 200, 200, 200, 200}},
	"GET /welcome":                                         {want: gets{303, 200, 200, 200, 200}},
	"GET /welcome/acts":                                    {want: gets{303, 200, 200, 200, 200}},
	"GET /welcome/five":                                    {want: gets{303, 200, 200, 200, 200}},
	"GET /welcome/parts":                                   {want: gets{303, 200, 200, 200, 200}},
	"GET /{$}":                                             {want: gets{200, 200, 200, 200, 200}},
	"GET /api/v1/activities":                               {want: gets{401, 200, 200, 200, 200}},
	"GET /api/v1/circles":                                  {want: gets{401, 200, 200, 200, 200}},
	"GET /api/v1/faces":                                    {want: gets{401, 200, 200, 200, 200}},
	"GET /api/v1/grants":                                   {want: gets{401, 200, 200, 200, 200}},
	"GET /api/v1/journal":                                  {want: gets{401, 200, 200, 200, 200}},
	"GET /api/v1/me":                                       {want: gets{401, 200, 200, 200, 200}},
	"GET /api/v1/tokens":                                   {want: gets{401, 200, 200, 200, 200}},
	"GET /api/v1/entries":                                  {want: gets{401, 200, 200, 200, 200}},
	"GET /circles/{id}":                                    {of: "circle", want: gets{303, 404, 404, 200, 200}},
	"GET /circles/{id}/leave":                              {of: "circle", want: gets{303, 404, 404, 200, 200}},
	"GET /circles/{id}/members/{person}/remove":            {of: "circle bob", want: gets{303, 404, 404, 403, 200}},
	"GET /confirm/{token}":                                 {of: "-never", want: gets{410, 410, 410, 410, 410}},
	"GET /enter/{token}":                                   {of: "-never", want: gets{410, 410, 410, 410, 410}},
	"GET /setup/{token}":                                   {of: "-never", want: gets{410, 410, 410, 410, 410}},
	"GET /join/{token}":                                    {of: "join", want: gets{200, 200, 200, 200, 200}},
	"GET /invitations/{token}":                             {of: "welcome", want: gets{200, 200, 200, 200, 200}},
	"GET /musette/import/done/{id}":                        {of: "outcome", want: gets{303, 404, 404, 404, 200}},
	"GET /musette/import/{id}":                             {of: "preview", want: gets{303, 410, 410, 410, 200}},
	"GET /musette/items/{id}":                              {of: "activity", want: gets{303, 404, 404, 404, 200}},
	"GET /musette/items/{id}/delete":                       {of: "activity", want: gets{303, 404, 404, 404, 200}},
	"GET /musette/items/{id}/edit":                         {of: "activity", want: gets{303, 404, 404, 404, 200}},
	"GET /musette/items/{id}/pieces/new":                   {of: "activity", want: gets{303, 404, 404, 404, 200}},
	"GET /musette/items/{id}/versions/{version}":           {of: "edited -1", want: gets{303, 404, 404, 404, 200}},
	"GET /musette/kept/{shape}":                            {of: "-note", want: gets{303, 200, 200, 200, 200}},
	"GET /musette/kept/{shape}/new":                        {of: "-note", want: gets{303, 200, 200, 200, 200}},
	"GET /musette/letters/{id}/sheet":                      {of: "letter", want: gets{303, 404, 404, 404, 200}},
	"GET /musette/pieces/{id}/original":                    {of: "piece", want: gets{303, 404, 404, 404, 200}},
	"GET /musette/pieces/{id}/preview":                     {of: "picture", want: gets{303, 404, 404, 404, 200}},
	"GET /musette/reflect/{year}":                          {of: "-2019", want: gets{303, 200, 200, 200, 200}},
	"GET /portillon/faces/{id}":                            {of: "face", want: gets{303, 404, 404, 404, 200}},
	"GET /portillon/grants/{id}":                           {of: "grant", want: gets{303, 404, 404, 404, 200}},
	"GET /portillon/grants/{id}/receipt":                   {of: "grant", want: gets{303, 404, 404, 404, 200}},
	"GET /portillon/received/{id}":                         {of: "shown", want: gets{303, 404, 404, 200, 404}},
	"GET /portillon/received/{id}/pieces/{piece}":          {of: "shown shownpiece", want: gets{303, 404, 404, 200, 404}},
	"GET /s/{token}":                                       {of: "link", want: gets{200, 200, 200, 200, 200}},
	"GET /s/{token}/pieces/{piece}":                        {of: "link linkpiece", want: gets{200, 200, 200, 200, 200}},
	"GET /api/v1/activities/{id}":                          {of: "activity", want: gets{401, 404, 404, 404, 200}},
	"GET /api/v1/activities/{id}/pieces":                   {of: "activity", want: gets{401, 404, 404, 404, 200}},
	"GET /api/v1/circles/{id}":                             {of: "circle", want: gets{401, 404, 404, 200, 200}},
	"GET /api/v1/circles/{id}/invitations":                 {of: "circle", want: gets{401, 404, 404, 403, 200}},
	"GET /api/v1/circles/{id}/members":                     {of: "circle", want: gets{401, 404, 404, 200, 200}},
	"GET /api/v1/entries/{id}":                             {of: "tool", want: gets{401, 404, 404, 404, 200}},
	"GET /api/v1/faces/{id}":                               {of: "face", want: gets{401, 404, 404, 404, 200}},
	"GET /api/v1/pieces/{id}":                              {of: "piece", want: gets{401, 404, 404, 404, 200}},
	"GET /api/v1/pieces/{id}/original":                     {of: "piece", want: gets{401, 404, 404, 404, 200}},
	"GET /api/v1/pieces/{id}/preview":                      {of: "picture", want: gets{401, 404, 404, 404, 200}},
	"GET /api/v1/receipts/{grant}":                         {of: "grant", want: gets{401, 404, 404, 404, 200}},
	"POST /account":                                        {body: "version=1&handle={me}&name=S&language=fr&zone=Europe%2FParis&theme=&quiet_from=20%3A00&quiet_to=07%3A00", want: gets{401, 303, 303, 303, 303}, alone: true},
	"POST /account/invitations":                            {body: "email=", want: gets{401, 200, 200, 200, 200}},
	"POST /account/invitations/{id}/withdraw":              {of: "seat", want: gets{401, 404, 404, 404, 303}},
	"POST /account/leave":                                  {want: gets{401, 200, 200, 200, 200}, alone: true},
	"POST /account/proof":                                  {want: gets{401, 409, 409, 409, 409}},
	"POST /account/security/codes":                         {want: gets{401, 200, 200, 200, 200}, alone: true},
	"POST /account/security/lost/cancel":                   {want: gets{401, 303, 303, 303, 303}},
	"POST /account/security/passkeys":                      {body: "ceremony=none&passkey=none", want: gets{401, 401, 401, 401, 401}},
	"POST /account/security/passkeys/begin":                {want: gets{401, 200, 200, 200, 200}},
	"POST /account/security/passkeys/{id}/remove":          {of: "-never", want: gets{401, 404, 404, 404, 404}},
	"POST /account/security/password":                      {body: "password=quatre saisons et un panier", want: gets{401, 303, 303, 303, 303}, alone: true},
	"POST /account/security/password/remove":               {want: gets{401, 409, 409, 409, 409}, alone: true},
	"POST /account/security/sessions/close":                {want: gets{401, 303, 303, 303, 303}, alone: true},
	"POST /account/security/sessions/{id}/close":           {of: "session", want: gets{401, 404, 404, 404, 303}, alone: true},
	"POST /account/tokens":                                 {body: "name=essai&scopes=read&days=7", want: gets{401, 200, 200, 200, 200}},
	"POST /account/tokens/{id}/revoke":                     {of: "token", want: gets{401, 404, 404, 404, 303}},
	"POST /api/v1/imports":                                 {body: "file:titre;début\nBalade;2019-03\n", want: gets{401, 200, 200, 200, 200}},
	"POST /circles":                                        {body: "name=Cercle&kind=guild", want: gets{401, 303, 303, 303, 303}},
	"POST /circles/{id}":                                   {of: "circle", body: "name=Nom&version=1", want: gets{401, 404, 404, 403, 303}},
	"POST /circles/{id}/invitations":                       {of: "circle", body: "email=", want: gets{401, 404, 404, 403, 303}},
	"POST /circles/{id}/invitations/{invitation}/withdraw": {of: "circle invitation", want: gets{401, 404, 404, 403, 303}},
	"POST /circles/{id}/leave":                             {of: "circle", want: gets{401, 404, 404, 303, 303}},
	"POST /circles/{id}/members/{person}/remove":           {of: "circle ada", want: gets{401, 404, 404, 403, 409}},
	"POST /circles/{id}/members/{person}/role":             {of: "circle bob", body: "role=owner", want: gets{401, 404, 404, 403, 303}},
	"POST /confirm/{token}":                                {of: "-never", want: gets{410, 410, 410, 410, 410}},
	"POST /enter/{token}":                                  {of: "-never", want: gets{410, 410, 410, 410, 410}},
	"POST /instance/backup":                                {want: gets{401, 404, 303, 404, 404}},
	"POST /instance/jobs":                                  {want: gets{401, 404, 303, 404, 404}},
	"POST /instance/mail":                                  {body: "email=ada@example.org", want: gets{401, 404, 503, 404, 404}},
	"POST /instance/registration":                          {body: "registration=open", want: gets{401, 404, 303, 404, 404}, alone: true},
	"POST /invitations/{token}":                            {of: "welcome", want: gets{401, 303, 410, 410, 410}, alone: true},
	"POST /join/{token}":                                   {of: "-never", body: "handle=x&name=y&password=z", want: gets{422, 422, 422, 422, 422}},
	"POST /musette":                                        {body: "words=serre", want: gets{401, 200, 200, 200, 200}},
	"POST /musette/activities":                             {body: "title=T&kind=job&start=2019", want: gets{401, 303, 303, 303, 303}},
	"POST /musette/daily/quiet":                            {body: "from=20:00&to=07:00&days=1", want: gets{401, 303, 303, 303, 303}},
	"POST /musette/import":                                 {body: "file:titre;début\nBalade;2019-03\n", want: gets{401, 303, 303, 303, 303}},
	"POST /musette/import/{id}":                            {of: "preview", want: gets{401, 410, 410, 410, 303}},
	"POST /musette/import/{id}/drop":                       {of: "preview", want: gets{401, 410, 410, 410, 303}},
	"POST /musette/items/{id}":                             {of: "activity", body: "version=1&title=Autre&kind=job&start=2019", want: gets{401, 404, 404, 404, 303}},
	"POST /musette/items/{id}/delete":                      {of: "activity", body: "version=1", want: gets{401, 404, 404, 404, 303}},
	"POST /musette/items/{id}/pieces":                      {of: "activity", body: "file:preuve", want: gets{401, 404, 404, 404, 303}},
	"POST /musette/items/{id}/versions/{version}":          {of: "edited -1", body: "current=2", want: gets{401, 404, 404, 404, 303}},
	"POST /musette/kept/{shape}":                           {of: "-tool", body: "title=Marteau", want: gets{401, 303, 303, 303, 303}},
	"POST /musette/letters":                                {body: "to=Mairie&language=fr&sender=A&rights=access", want: gets{401, 303, 303, 303, 303}},
	"POST /musette/letters/{id}/progress":                  {of: "letter", body: "version=1&sent=2024-01-02", want: gets{401, 404, 404, 404, 303}},
	"POST /portillon/faces":                                {body: "name=F&language=fr", want: gets{401, 303, 303, 303, 303}},
	"POST /portillon/faces/{id}":                           {of: "face", body: "version=1&name=F&language=fr", want: gets{401, 404, 404, 404, 303}},
	"POST /portillon/faces/{id}/delete":                    {of: "face", want: gets{401, 404, 404, 404, 303}},
	"POST /portillon/grants":                               {body: "face={face}&to=link&purpose=essai&until={until}", want: gets{401, 422, 422, 422, 303}},
	"POST /portillon/grants/{id}/accept":                   {of: "grant", want: gets{401, 404, 404, 404, 303}},
	"POST /portillon/grants/{id}/withdraw":                 {of: "grant", want: gets{401, 404, 404, 404, 303}},
	"POST /portillon/profile":                              {body: "version=0&headline=H", want: gets{401, 303, 303, 303, 303}},
	"POST /preferences":                                    {body: "lang=en&back=/about", want: gets{303, 303, 303, 303, 303}},
	"POST /setup/{token}":                                  {of: "-never", body: "handle=x&name=y&password=z", want: gets{422, 422, 422, 422, 422}},
	"POST /sign-in":                                        {body: "name=nobody&password=wrong", want: gets{401, 401, 401, 401, 401}},
	"POST /sign-in/again":                                  {body: "password=wrong", want: gets{401, 401, 401, 401, 401}},
	"POST /sign-in/demo":                                   {body: "handle=nobody", want: gets{404, 404, 404, 404, 404}},
	"POST /sign-in/passkey":                                {body: "ceremony=none&passkey=none", want: gets{401, 401, 401, 401, 401}},
	"POST /sign-in/passkey/begin":                          {want: gets{200, 200, 200, 200, 200}},
	"POST /sign-in/recover":                                {body: "name=nobody&code=wrong", want: gets{401, 401, 401, 401, 401}},
	"POST /sign-out":                                       {want: gets{303, 303, 303, 303, 303}, alone: true},
	"POST /sign-up":                                        {body: "handle=x&name=y&password=z", want: gets{422, 422, 422, 422, 422}},
	"POST /sign-up/passkey/begin":                          {body: "handle=x&name=y", want: gets{200, 200, 200, 200, 200}},
	"POST /welcome":                                        {body: "goal=rich", want: gets{401, 303, 303, 303, 303}},
	"POST /welcome/five":                                   {body: "rows=1&1.title=T&1.kind=job&1.start=2019", want: gets{401, 303, 303, 303, 303}},
	"POST /welcome/parts":                                  {body: "parts=activities&pack=fr-agent-public", want: gets{401, 422, 422, 422, 422}},
	"DELETE /api/v1/activities/{id}":                       {of: "activity", want: gets{401, 404, 404, 404, 204}},
	"DELETE /api/v1/circles/{id}/invitations/{invitation}": {of: "circle invitation", want: gets{401, 404, 404, 403, 204}},
	"DELETE /api/v1/circles/{id}/members":                  {of: "circle", want: gets{401, 404, 404, 204, 204}},
	"DELETE /api/v1/circles/{id}/members/{person}":         {of: "circle ada", want: gets{401, 404, 404, 403, 409}},
	"DELETE /api/v1/entries/{id}":                          {of: "tool", want: gets{401, 404, 404, 404, 204}},
	"DELETE /api/v1/faces/{id}":                            {of: "face", want: gets{401, 404, 404, 404, 204}},
	"DELETE /api/v1/grants/{id}":                           {of: "grant", want: gets{401, 404, 404, 404, 204}},
	"DELETE /api/v1/me":                                    {want: gets{401, 200, 200, 200, 200}, alone: true},
	"DELETE /api/v1/pieces/{id}":                           {of: "piece", want: gets{401, 404, 404, 404, 204}},
	"DELETE /api/v1/tokens/{id}":                           {of: "token", want: gets{401, 404, 404, 404, 204}},
	"POST /api/v1/activities":                              {body: `{"title":"T","kind":"job","start":"2019"}`, want: gets{401, 201, 201, 201, 201}},
	"POST /api/v1/activities/{id}/pieces":                  {of: "activity", body: "file:preuve", want: gets{401, 404, 404, 404, 201}},
	"POST /api/v1/circles":                                 {body: `{"name":"C","kind":"guild"}`, want: gets{401, 201, 201, 201, 201}},
	"POST /api/v1/circles/{id}/invitations":                {of: "circle", body: "{}", want: gets{401, 404, 404, 403, 201}},
	"POST /api/v1/circles/{id}/members":                    {of: "circle", body: `{"person":"{bob}","role":"owner"}`, want: gets{401, 404, 404, 403, 200}},
	"POST /api/v1/entries":                                 {body: `{"shape":"tool","fields":{"title":"T"}}`, want: gets{401, 201, 201, 201, 201}},
	"POST /api/v1/faces":                                   {body: `{"name":"F","language":"fr","shows":{"profile":[],"activities":["{activity}"]},"hides":[]}`, want: gets{401, 422, 422, 422, 201}},
	"POST /api/v1/grants":                                  {body: `{"face":"{face}","to":{"link":true},"purpose":"essai","until":"{until}"}`, want: gets{401, 422, 422, 422, 201}},
	"POST /api/v1/tokens":                                  {body: `{"name":"T","scopes":["read"]}`, want: gets{401, 201, 201, 201, 201}},
	"PUT /api/v1/activities/{id}":                          {of: "activity", body: `{"version":1,"title":"U","kind":"job","start":"2019"}`, want: gets{401, 404, 404, 404, 200}},
	"PUT /api/v1/circles/{id}":                             {of: "circle", body: `{"name":"U","version":1}`, want: gets{401, 404, 404, 403, 200}},
	"PUT /api/v1/entries/{id}":                             {of: "tool", body: `{"version":1,"fields":{"title":"U"}}`, want: gets{401, 404, 404, 404, 200}},
	"PUT /api/v1/faces/{id}":                               {of: "face", body: `{"version":1,"name":"U","language":"fr","shows":{"profile":[],"activities":[]},"hides":[]}`, want: gets{401, 404, 404, 404, 200}},
}

// decide adds the rules of a part of the house to the table.
func decide(rules map[string]rule) { maps.Copy(access, rules) }

// shared are the routes on which ada's things may be read by who holds her link or
// her invitation.
var shared = []string{"GET /s/{token}", "GET /s/{token}/pieces/{piece}", "GET /invitations/{token}"}

// Every route is decided for everybody, and what ada did not show reaches nobody.
func TestEveryRouteIsDecidedForEverybody(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h := openHouse(t, where)
		for _, route := range h.site.Routes {
			if _, ok := access[route]; !ok {
				t.Errorf("nobody has decided who may %s", route)
			}
		}
		all := h.people()
		for _, route := range slices.Sorted(maps.Keys(access)) {
			if !slices.Contains(h.site.Routes, route) {
				t.Errorf("%s is decided, but there is no such route", route)
				continue
			}
			rule, who := access[route], all
			if rule.alone {
				who = h.people()
			}
			who.anew()
			who.judge(t, route, rule)
		}
		if missing := h.app.Messages.Missing(); len(missing) > 0 {
			t.Errorf("messages that do not exist were said: %v", missing)
		}
	})
}

// judge asks as everybody, strangers first.
func (p *people) judge(t *testing.T, route string, rule rule) {
	t.Helper()
	method, pattern, _ := strings.Cut(route, " ")
	at, body := p.filled(strings.TrimSuffix(pattern, "{$}"), rule.of), p.holes(rule.body)
	if route == "GET /api/v1/entries" {
		at += "?shape=tool"
	}
	p.a("face") // there is always something of hers to leak
	var got gets
	for i, who := range []*somebody{nil, p.eve, p.mallory, p.bob, p.ada} {
		me := ""
		if who != nil {
			me = who.handle
		}
		w := p.h.call(who, method, at, strings.ReplaceAll(body, "{me}", me))
		got[i] = w.Code
		if w.Code >= http.StatusInternalServerError && w.Code != rule.want[i] {
			t.Errorf("%s for %s: %s", route, names[i], w.Body)
		}
		if i > 2 || slices.Contains(shared, route) {
			continue
		}
		for _, hers := range []string{herWork, herCircle} {
			if strings.Contains(w.Body.String(), hers) {
				t.Errorf("%s lets %s read %q", route, names[i], hers)
			}
		}
	}
	if got != rule.want {
		t.Errorf("%s gives %v, want %v (visitor, eve, mallory, bob, ada)", route, got, rule.want)
	}
}

var names = [5]string{"a visitor", "eve", "mallory", "bob", "ada"}

var hole = regexp.MustCompile(`\{[a-z]+\}`)

// filled puts ada's things into the holes of a path; -word is the word itself.
func (p *people) filled(pattern, things string) string {
	kinds := strings.Fields(things)
	return hole.ReplaceAllStringFunc(pattern, func(string) string {
		if len(kinds) == 0 {
			p.h.t.Fatalf("%s has more holes than %q", pattern, things)
		}
		kind := kinds[0]
		kinds = kinds[1:]
		if word, ok := strings.CutPrefix(kind, "-"); ok {
			return word
		}
		return p.a(kind)
	})
}

// holes puts ada's things into a body by their names.
func (p *people) holes(body string) string {
	return hole.ReplaceAllStringFunc(body, func(s string) string {
		if s == "{me}" {
			return s // whoever asks
		}
		return p.a(strings.Trim(s, "{}"))
	})
}

// What stands inside something of somebody else's is not there, whoever asks from
// inside something of their own.
func TestAChildIsFoundInItsOwnParentOnly(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h := openHouse(t, where)
		p := h.people()
		circle, face := p.theirs("circle", p.mallory), p.theirs("face", p.mallory)
		activity := p.theirs("activity", p.mallory)
		for _, c := range []struct {
			who              *somebody
			method, at, body string
			want             int
		}{
			{p.mallory, "POST", "/circles/" + circle + "/invitations/" + p.a("invitation") + "/withdraw", "", 404},
			{p.mallory, "DELETE", "/api/v1/circles/" + circle + "/invitations/" + p.a("invitation"), "", 404},
			{p.mallory, "DELETE", "/api/v1/circles/" + circle + "/members/" + p.a("bob"), "", 404},
			{p.mallory, "POST", "/circles/" + circle + "/members/" + p.a("bob") + "/role", "role=owner", 403}, // nobody is made a member without her consent,
			{p.mallory, "POST", "/api/v1/faces", `{"name":"F","language":"fr","shows":{"profile":[],"activities":["` + p.a("activity") + `"]},"hides":[]}`, 422},
			{p.mallory, "POST", "/api/v1/faces", `{"name":"F","language":"fr","shows":{"profile":[],"activities":["` + activity + `"],"pieces":["` + p.a("piece") + `"]},"hides":[]}`, 422},
			{p.mallory, "PUT", "/api/v1/faces/" + p.a("face"), `{"version":1,"name":"F","language":"fr","shows":{"profile":[],"activities":[]},"hides":[]}`, 404},
			{p.mallory, "POST", "/api/v1/grants", `{"face":"` + face + `","to":{"circle":"` + p.a("circle") + `"},"purpose":"essai","until":"` + p.a("until") + `"}`, 422},
			{p.bob, "GET", "/portillon/received/" + p.a("shown") + "/pieces/" + p.theirs("shownpiece", p.ada), "", 404},
			{nil, "GET", "/s/" + p.a("link") + "/pieces/" + p.theirs("linkpiece", p.ada), "", 404},
		} {
			if w := h.call(c.who, c.method, c.at, c.body); w.Code != c.want {
				t.Errorf("%s %s = %d, want %d: %.300s", c.method, c.at, w.Code, c.want, w.Body)
			}
		}
		if w := h.call(p.ada, "GET", "/api/v1/circles/"+p.a("circle")+"/invitations", ""); !strings.Contains(w.Body.String(), p.a("invitation")) {
			t.Errorf("ada's invitation is gone: %s", w.Body)
		}
	})
}

// A token does what its scopes say, and nothing more.
func TestATokenDoesWhatItsScopesSay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h := openHouse(t, where)
		p := h.people()
		_, reader, err := h.app.Account.CreateTokenFor(t.Context(), p.ada.id, account.NewToken{Name: "lecture", Scopes: []string{"read"}})
		if err != nil {
			t.Fatal(err)
		}
		ada := &somebody{id: p.ada.id, token: reader.Reveal()}
		for route, rule := range access {
			method, pattern, _ := strings.Cut(route, " ")
			if !strings.HasPrefix(pattern, "/api/v1/") || method == http.MethodGet {
				continue
			}
			p.anew()
			if w := h.call(ada, method, p.filled(pattern, rule.of), p.holes(rule.body)); w.Code != http.StatusForbidden {
				t.Errorf("%s with a token that may only read = %d %s", route, w.Code, w.Body)
			}
		}
		if w := h.call(ada, http.MethodGet, "/api/v1/activities", ""); w.Code != http.StatusOK {
			t.Errorf("a token that may read = %d", w.Code)
		}
		if w := h.call(ada, http.MethodGet, "/api/v1/export", ""); w.Code != http.StatusForbidden {
			t.Errorf("export with a token that may only read = %d", w.Code)
		}
	})
}
