typedef int kn_nothing; int main(void); int main(void){return 0;}
